#include "ockham/text/hashed_vocabulary.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "ockham/tensor/error.hpp"
#include "ockham/text/hash.hpp"
#include "ockham/text/ngram_hashes.hpp"

namespace ockham {
namespace {

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

void HashedVocabulary::encode(const TokenBuffer& tokens, OpenNgrams& open,
                              MappedVector<uint32_t>& ids) const {
  // Nothing branches on whether a bucket is known, which cannot be predicted: what is written is
  // counted or not.
  constexpr size_t kBlock = 256;
  std::array<uint32_t, kBlock * NgramVocabulary::kMaxLength> found;
  for (size_t first = 0; first < tokens.size(); first += kBlock) {
    size_t count = 0;
    const auto look_up = [&](uint64_t ngram) {
      found[count] = hashing_.bucket(ngram);
      count += knows(found[count]) ? 1 : 0;
    };
    for (size_t i = first; i < std::min(tokens.size(), first + kBlock); ++i) {
      const auto [begin, length] = tokens.extents[i];
      visit_ngrams(hash_window(tokens.bytes, begin, length), hashing_.max_length, open, look_up);
    }
    for (size_t i = 0; i < count; ++i) found[i] = number_of_known(found[i]);
    ids.append(std::span(found).first(count));
  }
}

HashedVocabulary HashedVocabulary::select(std::span<const uint32_t> kept) const {
  std::vector<uint32_t> buckets;
  buckets.reserve(kept.size());
  for (const uint32_t id : kept) buckets.push_back(buckets_[id]);
  return HashedVocabulary(hashing_, buckets);
}

}  // namespace ockham
