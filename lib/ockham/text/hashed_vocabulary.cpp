#include "ockham/text/hashed_vocabulary.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/hash.hpp"
#include "ockham/text/ngram_hashes.hpp"
#include "ockham/text/ngram_kernels.hpp"

namespace ockham {
namespace {

/// The filter's bits, as a power of two. The least, 16 KiB, stay in the first cache beside what a
/// block of words takes.
int filter_bits(const NgramHashing& hashing, size_t count) {
  constexpr int kLeast = 17;
  return std::min(std::max(HashFilter::bits_for(count), kLeast), static_cast<int>(hashing.bits));
}

/// The ranges, as a power of two: four to eight for each known bucket, up to 2^22 and to one for
/// each of all buckets. With one to two how many a range holds could not be predicted.
int range_bits(const NgramHashing& hashing, size_t count) {
  constexpr int kMost = 22;
  const int wanted = std::min(static_cast<int>(std::bit_width(count)) + 2, kMost);
  return std::min(wanted, static_cast<int>(hashing.bits));
}

bool holds_all(const NgramHashing& hashing, size_t count) {
  return count == size_t{1} << hashing.bits;
}

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

HashedVocabulary::HashedVocabulary(const NgramHashing& hashing, std::vector<uint32_t> buckets)
    : hashing_(hashing), buckets_(std::move(buckets)) {
  check(hashing);
  const size_t all = size_t{1} << hashing.bits;
  for (const uint32_t bucket : buckets_) {
    if (bucket >= all) fail("bucket ", bucket, " of ", all, " is not possible");
  }
  const bool ascending = std::ranges::is_sorted(buckets_);
  number_is_bucket_ = ascending && holds_all(hashing, size());
  if (!number_is_bucket_) {
    by_bucket_.resize(size());
    std::iota(by_bucket_.begin(), by_bucket_.end(), 0u);
    if (!ascending)
      std::ranges::sort(by_bucket_, {}, [&](uint32_t number) { return buckets_[number]; });
  }
  check_distinct();
  filter_ = HashFilter::of_bits(filter_bits(hashing, size()));
  for (const uint32_t bucket : buckets_) filter_.add(uint64_t{bucket} << (64 - hashing.bits));
  if (!number_is_bucket_) index_ranges();
}

void HashedVocabulary::check_distinct() const {
  const auto ascending = [&](size_t i) { return buckets_[number_is_bucket_ ? i : by_bucket_[i]]; };
  for (size_t i = 1; i < size(); ++i) {
    if (ascending(i - 1) == ascending(i)) fail("bucket ", ascending(i), " is there twice");
  }
}

void HashedVocabulary::index_ranges() {
  const int bits = range_bits(hashing_, size());
  range_shift_ = hashing_.bits - static_cast<uint32_t>(bits);
  const size_t ranges = size_t{1} << bits;
  range_begins_.reserve(ranges + 1);
  for (size_t range = 0, i = 0; range <= ranges; ++range) {
    while (i < size() && buckets_[by_bucket_[i]] >> range_shift_ < range) ++i;
    range_begins_.push_back(static_cast<uint32_t>(i));
  }
}

HashedVocabulary HashedVocabulary::whole(const NgramHashing& hashing) {
  check(hashing);
  std::vector<uint32_t> buckets(size_t{1} << hashing.bits);
  std::iota(buckets.begin(), buckets.end(), 0u);
  return HashedVocabulary(hashing, std::move(buckets));
}

uint64_t HashedVocabulary::bytes(const NgramHashing& hashing, uint64_t count) {
  const uint64_t filter = (uint64_t{1} << filter_bits(hashing, count)) / 8;
  if (holds_all(hashing, count)) return count * sizeof(uint32_t) + filter;
  const uint64_t ranges = uint64_t{1} << range_bits(hashing, count);
  return (2 * count + ranges + 1) * sizeof(uint32_t) + filter;
}

/// A range holds few but in a crowd, which a hostile file may be made of.
inline uint32_t HashedVocabulary::number_of(uint32_t bucket) const {
  constexpr uint32_t kFew = 8;
  if (number_is_bucket_) return bucket;
  const uint32_t range = bucket >> range_shift_;
  uint32_t i = range_begins_[range];
  const uint32_t end = range_begins_[range + 1];
  if (end - i > kFew) return number_in_crowd(std::span(by_bucket_).subspan(i, end - i), bucket);
  for (; i < end; ++i) {
    if (buckets_[by_bucket_[i]] == bucket) return by_bucket_[i];
  }
  return kNotFound;
}

uint32_t HashedVocabulary::number_in_crowd(std::span<const uint32_t> numbers,
                                           uint32_t bucket) const {
  const auto bucket_of = [&](uint32_t number) { return buckets_[number]; };
  const auto at = std::ranges::lower_bound(numbers, bucket, {}, bucket_of);
  return at != numbers.end() && buckets_[*at] == bucket ? *at : kNotFound;
}

uint32_t HashedVocabulary::find(std::string_view ngram) const {
  const auto length = 1 + std::ranges::count(ngram, ' ');
  return length > hashing_.max_length ? kNotFound : number_of(hashing_.bucket(hash_ngram(ngram)));
}

/// A text's n-grams are hashed word by word only until the longest are there. From then on whole
/// blocks of words are.
void HashedVocabulary::encode(const TokenBuffer& tokens, OpenNgrams& open,
                              MappedVector<uint32_t>& ids) const {
  std::array<uint32_t, kFilterBlock * NgramVocabulary::kMaxLength> buckets;
  for (size_t first = 0; first < tokens.size();) {
    size_t count = 0;
    if (open.count + 1 < hashing_.max_length) {
      const auto [begin, length] = tokens.extents[first++];
      visit_ngrams(hash_window(tokens.bytes, begin, length), hashing_.max_length, open,
                   [&](uint64_t ngram) { buckets[count++] = hashing_.bucket(ngram); });
    } else {
      const size_t size = std::min(tokens.size() - first, kFilterBlock);
      count = filter_block(tokens, first, size, open, buckets);
      first += size;
    }
    ids.append(numbers_of(std::span(buckets).first(count)));
  }
}

/// The buckets of n-grams that end in a block of tokens, where the longest are open already,
/// without those that the filter rules out: nearly all that are not known. Each length has a loop
/// of its own, in vectors; then only tokens at which the filter holds an n-gram are looked at.
/// (With a bit for each of 2^24 buckets a small file answered half as fast.)
size_t HashedVocabulary::filter_block(const TokenBuffer& tokens, size_t first, size_t size,
                                      OpenNgrams& open, std::span<uint32_t> found) const {
  const size_t longest = hashing_.max_length;
  std::array<uint64_t, kFilterBlock> words, ngrams;
  std::array<uint32_t, kFilterBlock * NgramVocabulary::kMaxLength> buckets;  // [length][token]
  std::array<FilterBits, NgramVocabulary::kMaxLength> held;                  // [length]
  hash_words(tokens, first, std::span(words).first(size));
  std::copy_n(words.begin(), size, ngrams.begin());
  for (size_t k = 0; k < longest; ++k) {
    const auto shorter = std::span(ngrams).first(size);
    filter_all(shorter, hashing_, filter_, std::span(buckets).subspan(k * kFilterBlock, size),
               held[k]);
    if (k + 1 < longest)
      open.nodes[k] = extend_all(std::span(words).first(size), open.nodes[k], shorter);
  }
  size_t count = 0;
  for (size_t group = 0; group < held[0].size(); ++group) {
    uint64_t any = 0;
    for (size_t k = 0; k < longest; ++k) any |= held[k][group];
    for (; any != 0; any &= any - 1) {
      const auto bit = static_cast<size_t>(std::countr_zero(any));
      // No branch on which lengths it holds, which cannot be predicted: what is written is counted
      // or not.
      for (size_t k = 0; k < longest; ++k) {
        found[count] = buckets[k * kFilterBlock + 64 * group + bit];
        count += held[k][group] >> bit & 1;
      }
    }
  }
  return count;
}

/// The numbers of those that are known, in their place.
std::span<const uint32_t> HashedVocabulary::numbers_of(std::span<uint32_t> buckets) const {
  size_t count = 0;
  for (const uint32_t bucket : buckets) {
    const uint32_t number = number_of(bucket);
    if (number != kNotFound) buckets[count++] = number;
  }
  return buckets.first(count);
}

HashedVocabulary HashedVocabulary::select(std::span<const uint32_t> kept) const {
  std::vector<uint32_t> buckets;
  buckets.reserve(kept.size());
  for (const uint32_t id : kept) buckets.push_back(buckets_[id]);
  return HashedVocabulary(hashing_, std::move(buckets));
}

}  // namespace ockham
