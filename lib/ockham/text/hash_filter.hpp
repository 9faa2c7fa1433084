#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace ockham {

/// Which hashes are certainly not in a set: a bit for each (a Bloom filter with one function, Bloom
/// 1970). With one in 16 set, that of some ten thousand stays in the processor's first cache.
class HashFilter {
 public:
  /// Of an empty set that has room for `size` hashes.
  explicit HashFilter(size_t size = 0) : HashFilter(std::in_place, bits_for(size)) {}

  /// Of an empty set, with 2^bits bits: 6 <= bits < 64.
  static HashFilter of_bits(int bits) { return HashFilter(std::in_place, bits); }

  /// How many bits, as a power of two, are enough for `size` hashes: one in 16 is set at most.
  static int bits_for(size_t size) {
    constexpr size_t kBitsPerHash = 16;
    return static_cast<int>(std::bit_width(std::max<size_t>(kBitsPerHash * size, 64) - 1));
  }

  void add(uint64_t hash) { bits_[word(hash)] |= bit(hash); }

  /// False only where the hash is not in the set.
  bool may_hold(uint64_t hash) const { return (bits_[word(hash)] & bit(hash)) != 0; }

  /// For loops over several hashes: that of a hash is bit n % 64 of words()[n / 64], where n is
  /// hash >> shift().
  std::span<const uint64_t> words() const { return bits_; }
  int shift() const { return shift_; }

 private:
  HashFilter(std::in_place_t, int bits) : bits_(size_t{1} << bits >> 6), shift_(64 - bits) {}

  size_t word(uint64_t hash) const { return hash >> shift_ >> 6; }
  uint64_t bit(uint64_t hash) const { return uint64_t{1} << ((hash >> shift_) & 63); }

  std::vector<uint64_t> bits_;  // a power of two, numbered by the upper bits of the hash
  int shift_;
};

}  // namespace ockham
