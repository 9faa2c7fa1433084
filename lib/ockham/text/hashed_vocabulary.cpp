#include "ockham/text/hashed_vocabulary.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "ockham/tensor/error.hpp"
#include "ockham/text/hash.hpp"
#include "ockham/text/ngram_hashes.hpp"
#include "ockham/text/ngram_kernels.hpp"

namespace ockham {
namespace {

constexpr size_t kBlock = 256;  // words that are looked up together

void check(const NgramHashing& hashing) {
  if (hashing.bits < NgramHashing::kLeastBits || hashing.bits > NgramHashing::kMostBits) {
    fail("hashes of ", hashing.bits, " bits; expected ", NgramHashing::kLeastBits, " to ",
         NgramHashing::kMostBits);
  }
  if (hashing.seed >= NgramHashing::kMostSeeds) {
    fail("a hash seed of ", hashing.seed, "; expected less than ", NgramHashing::kMostSeeds);
  }
  if (hashing.max_length < 1 || hashing.max_length > NgramVocabulary::kMaxLength) {
    fail("n-grams of up to ", hashing.max_length, " words; expected 1 to ",
         NgramVocabulary::kMaxLength);
  }
}

}  // namespace

HashedVocabulary::HashedVocabulary(const NgramHashing& hashing, std::span<const uint32_t> buckets)
    : hashing_(hashing), buckets_(buckets.begin(), buckets.end()) {
  check(hashing);
  const size_t all = size_t{1} << hashing.bits;
  known_.resize(all / 64);
  for (const uint32_t bucket : buckets_) {
    if (bucket >= all) fail("bucket ", bucket, " of ", all, " is not possible");
    uint64_t& word = known_[bucket / 64];
    if ((word >> (bucket % 64)) & 1) fail("bucket ", bucket, " is there twice");
    word |= uint64_t{1} << (bucket % 64);
  }
  rank_.reserve(known_.size());
  uint32_t before = 0;
  for (const uint64_t word : known_) {
    rank_.push_back(before);
    before += static_cast<uint32_t>(std::popcount(word));
  }
  number_of_rank_.resize(size());
  for (uint32_t i = 0; i < size(); ++i) {
    const uint32_t bucket = buckets_[i];
    const uint64_t below = known_[bucket / 64] & ((uint64_t{1} << (bucket % 64)) - 1);
    number_of_rank_[rank_[bucket / 64] + static_cast<uint32_t>(std::popcount(below))] = i;
  }
}

HashedVocabulary HashedVocabulary::whole(const NgramHashing& hashing) {
  check(hashing);
  std::vector<uint32_t> buckets(size_t{1} << hashing.bits);
  std::iota(buckets.begin(), buckets.end(), 0u);
  return HashedVocabulary(hashing, buckets);
}

inline uint32_t HashedVocabulary::number_of_known(uint32_t bucket) const {
  const uint64_t below = known_[bucket / 64] & ((uint64_t{1} << (bucket % 64)) - 1);
  return number_of_rank_[rank_[bucket / 64] + static_cast<uint32_t>(std::popcount(below))];
}

uint32_t HashedVocabulary::find(std::string_view ngram) const {
  const auto length = 1 + std::ranges::count(ngram, ' ');
  if (length > hashing_.max_length) return kNotFound;
  const uint32_t bucket = hashing_.bucket(hash_ngram(ngram));
  return knows(bucket) ? number_of_known(bucket) : kNotFound;
}

/// A text's n-grams are hashed word by word only until the longest are there. From then on whole
/// blocks of words are.
void HashedVocabulary::encode(const TokenBuffer& tokens, OpenNgrams& open,
                              MappedVector<uint32_t>& ids) const {
  std::array<uint32_t, kBlock * NgramVocabulary::kMaxLength> found;
  for (size_t first = 0; first < tokens.size();) {
    size_t count = 0;
    if (open.count + 1 < hashing_.max_length) {
      const auto [begin, length] = tokens.extents[first++];
      visit_ngrams(hash_window(tokens.bytes, begin, length), hashing_.max_length, open,
                   [&](uint64_t ngram) {
                     const uint32_t bucket = hashing_.bucket(ngram);
                     if (knows(bucket)) found[count++] = bucket;
                   });
    } else {
      const size_t size = std::min(tokens.size() - first, kBlock);
      count = find_block(tokens, first, size, open, found);
      first += size;
    }
    for (size_t i = 0; i < count; ++i) found[i] = number_of_known(found[i]);
    ids.append(std::span(found).first(count));
  }
}

/// The known buckets of n-grams that end in a block of tokens, where the longest are open already.
/// Each length has a loop of its own, in vectors: a third less time on English reviews and bigrams
/// than going from word to word. Nothing branches on whether a bucket is known, which cannot be
/// predicted: what is written is counted or not.
size_t HashedVocabulary::find_block(const TokenBuffer& tokens, size_t first, size_t size,
                                    OpenNgrams& open, std::span<uint32_t> found) const {
  const size_t longest = hashing_.max_length;
  std::array<uint64_t, kBlock> words, ngrams;
  std::array<uint64_t, kBlock * NgramVocabulary::kMaxLength> buckets;  // [length][token]
  hash_words(tokens, first, std::span(words).first(size));
  std::copy_n(words.begin(), size, ngrams.begin());
  for (size_t k = 0; k < longest; ++k) {
    const auto shorter = std::span(ngrams).first(size);
    buckets_of_all(shorter, hashing_.offset(), 64 - hashing_.bits,
                   std::span(buckets).subspan(k * kBlock, size));
    if (k + 1 < longest)
      open.nodes[k] = extend_all(std::span(words).first(size), open.nodes[k], shorter);
  }
  size_t count = 0;
  for (size_t i = 0; i < size; ++i) {
    for (size_t k = 0; k < longest; ++k) {
      const uint64_t bucket = buckets[k * kBlock + i];
      found[count] = static_cast<uint32_t>(bucket);
      count += knows(bucket) ? 1 : 0;
    }
  }
  return count;
}

HashedVocabulary HashedVocabulary::select(std::span<const uint32_t> kept) const {
  std::vector<uint32_t> buckets;
  buckets.reserve(kept.size());
  for (const uint32_t id : kept) buckets.push_back(buckets_[id]);
  return HashedVocabulary(hashing_, buckets);
}

}  // namespace ockham
