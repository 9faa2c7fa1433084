#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ockham/tensor/mapped_vector.hpp"
#include "ockham/text/hash.hpp"
#include "ockham/text/hash_filter.hpp"
#include "ockham/text/ngram_vocabulary.hpp"
#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// Which n-grams share a bucket, and a row of the embedding (feature hashing; Weinberger et al.
/// 2009). With H the hash of a word (hash_bytes()), all arithmetic modulo 2^64,
///     h(w_1) = H(w_1),   h(w_1 .. w_k) = h(w_1 .. w_{k-1}) * 0x9E3779B97F4A7C15 + H(w_k),
///     bucket = mix_bits(h + seed * 0xD6E8FEB86659FD93) >> (64 - bits).
struct NgramHashing {
  static constexpr uint32_t kLeastBits = 8;
  static constexpr uint32_t kMostBits = 24;
  static constexpr uint32_t kMostSeeds = 1 << 16;

  uint32_t bits = 18;       ///< kLeastBits .. kMostBits
  uint32_t seed = 0;        ///< below kMostSeeds
  uint32_t max_length = 1;  ///< words in an n-gram, 1 .. NgramVocabulary::kMaxLength

  static uint64_t extend(uint64_t ngram, uint64_t word) { return ngram * kHashMultiplier + word; }
  uint32_t bucket(uint64_t ngram) const {
    return static_cast<uint32_t>(mix_bits(ngram + offset()) >> (64 - bits));
  }
  uint64_t offset() const { return seed * 0xD6E8FEB86659FD93; }

  friend bool operator==(const NgramHashing&, const NgramHashing&) = default;
};

/// Calls visit(hash) for each n-gram of up to `max_length` words that ends at a word, the shorter
/// first. `open`: the hashes of those that ended at the word before, and may go on.
template <typename Visit>
void visit_ngrams(uint64_t word, uint32_t max_length, OpenNgrams& open, const Visit& visit) {
  uint64_t shorter = word;
  visit(word);
  for (uint32_t k = 0; k < open.count; ++k) {
    const uint64_t hash = NgramHashing::extend(open.nodes[k], word);
    visit(hash);
    open.nodes[k] = shorter;
    shorter = hash;
  }
  if (open.count + 1 < max_length) open.push(shorter);
}

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
