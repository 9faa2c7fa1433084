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
  explicit HashFilter(size_t size = 0) : HashFilter(size, 0, 64) {}

  /// The same with at least 2^least_bits bits, so that fewer are set, but no more than
  /// 2^most_bits, where hashes have no more: 6 <= least_bits, most_bits < 64.
  HashFilter(size_t size, int least_bits, int most_bits) {
    constexpr size_t kBitsPerHash = 16;
    const auto bits =
        static_cast<int>(std::bit_width(std::max<size_t>(kBitsPerHash * size, 64) - 1));
    const int chosen = std::min(std::max(bits, least_bits), most_bits);
    bits_.resize(size_t{1} << chosen >> 6);
    shift_ = 64 - chosen;
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
