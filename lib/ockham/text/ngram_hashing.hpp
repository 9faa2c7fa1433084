#pragma once

#include <cstdint>

#include "ockham/text/hash.hpp"
#include "ockham/text/ngram_vocabulary.hpp"

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

}  // namespace ockham
