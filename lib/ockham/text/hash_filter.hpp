#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ockham {

/// Which hashes are certainly not in a set: a bit for each (a Bloom filter with one function, Bloom
/// 1970), so that one in 16 is set at most. That of some ten thousand stays in the processor's
/// first cache.
class HashFilter {
 public:
  /// Of an empty set that has room for `size` hashes.
  explicit HashFilter(size_t size = 0) {
    constexpr size_t kBitsPerHash = 16;
    const size_t bits = std::bit_ceil(std::max<size_t>(kBitsPerHash * size, 64));
    bits_.resize(bits / 64);
    shift_ = 64 - std::countr_zero(bits);
  }

  void add(uint64_t hash) { bits_[word(hash)] |= bit(hash); }

  /// False only where the hash is not in the set.
  bool may_hold(uint64_t hash) const { return (bits_[word(hash)] & bit(hash)) != 0; }

 private:
  size_t word(uint64_t hash) const { return hash >> shift_ >> 6; }
  uint64_t bit(uint64_t hash) const { return uint64_t{1} << ((hash >> shift_) & 63); }

  std::vector<uint64_t> bits_;  // a power of two, numbered by the upper bits of the hash
  int shift_;
};

}  // namespace ockham
