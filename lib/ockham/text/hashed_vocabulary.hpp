#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ockham/tensor/mapped_vector.hpp"
#include "ockham/text/hash_filter.hpp"
#include "ockham/text/ngram_hashing.hpp"
#include "ockham/text/ngram_vocabulary.hpp"
#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// The buckets that a model knows, numbered 0 .. size() - 1. Any n-gram whose hash falls into one
/// of them counts as known: words need not be kept, and those never seen may hit as well.
class HashedVocabulary {
 public:
  static constexpr uint32_t kNotFound = UINT32_MAX;

  /// Bucket i is `buckets[i]`. Throws Error for options out of their range, a bucket of 2^bits or
  /// more, and a repeated one.
  HashedVocabulary(const NgramHashing& hashing, std::vector<uint32_t> buckets);

  /// All 2^bits buckets, each by its own number.
  static HashedVocabulary whole(const NgramHashing& hashing);

  /// The memory that one of so many ascending buckets, at most 2^bits, takes as long as it is
  /// there.
  static uint64_t bytes(const NgramHashing& hashing, uint64_t count);

  const NgramHashing& hashing() const { return hashing_; }
  size_t size() const { return buckets_.size(); }
  std::span<const uint32_t> buckets() const { return buckets_; }

  /// The number of an n-gram's bucket, or kNotFound; words joined with one space.
  uint32_t find(std::string_view ngram) const;

  /// As NgramVocabulary::encode(): each n-gram that falls into a known bucket, in the order in
  /// which they end, the shorter first.
  void encode(const TokenBuffer& tokens, OpenNgrams& open, MappedVector<uint32_t>& ids) const;

  /// The vocabulary of some of the buckets: kept[i] gets number i.
  HashedVocabulary select(std::span<const uint32_t> kept) const;

 private:
  void check_distinct() const;
  void index_ranges();
  uint32_t number_of(uint32_t bucket) const;
  uint32_t number_in_crowd(std::span<const uint32_t> numbers, uint32_t bucket) const;
  std::span<const uint32_t> numbers_of(std::span<uint32_t> buckets) const;
  size_t filter_block(const TokenBuffer& tokens, size_t first, size_t size, OpenNgrams& open,
                      std::span<uint32_t> found) const;

  NgramHashing hashing_;
  std::vector<uint32_t> buckets_;
  // Nearly every look-up is a miss and ends at the filter. Else the bucket is sought in its range
  // of 2^range_shift_ buckets: by_bucket_ holds the numbers in the order of their buckets, those of
  // a range from range_begins_[range] to range_begins_[range + 1]. Both are empty where a bucket's
  // number is the bucket.
  HashFilter filter_;
  bool number_is_bucket_ = false;
  uint32_t range_shift_ = 0;
  std::vector<uint32_t> by_bucket_, range_begins_;
};

}  // namespace ockham
