#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace ockham {

inline constexpr uint64_t kMixMultipliers[] = {0xBF58476D1CE4E5B9, 0x94D049BB133111EB};

/// The finalizer of splitmix64: every input bit reaches every output bit.
inline uint64_t mix_bits(uint64_t x) {
  x = (x ^ (x >> 30)) * kMixMultipliers[0];
  x = (x ^ (x >> 27)) * kMixMultipliers[1];
  return x ^ (x >> 31);
}

inline constexpr uint64_t kHashMultiplier = 0x9E3779B97F4A7C15;

/// 1 to 8 bytes as a little-endian number, without reading any other byte: loads of fixed size that
/// may overlap.
inline uint64_t load_little_endian(const char* at, size_t count) {
  const auto byte = [&](size_t i) { return uint64_t{static_cast<uint8_t>(at[i])}; };
  if constexpr (std::endian::native != std::endian::little) {
    uint64_t word = 0;
    for (size_t i = 0; i < count; ++i) word |= byte(i) << (8 * i);
    return word;
  }
  if (count == 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    return word;
  }
  if (count >= 4) {
    uint32_t first = 0;
    uint32_t last = 0;
    std::memcpy(&first, at, 4);
    std::memcpy(&last, at + count - 4, 4);
    return first | (uint64_t{last} << (8 * (count - 4)));
  }
  return byte(0) | (byte(count / 2) << (8 * (count / 2))) | (byte(count - 1) << (8 * (count - 1)));
}

/// Of so many bytes at most, two strings of one length that have the same hash_bytes() are the
/// same: each of its steps can be undone.
inline constexpr size_t kExactlyHashedBytes = 8;

/// hash_bytes() without its last step, mix_bits().
inline uint64_t unmixed_hash_bytes(std::string_view bytes) {
  constexpr uint64_t kMultiplier = kHashMultiplier;
  const char* at = bytes.data();
  size_t left = bytes.size();
  uint64_t hash = left * kMultiplier;
  for (; left > 8; at += 8, left -= 8) {
    hash = (hash ^ load_little_endian(at, 8)) * kMultiplier;
    hash ^= hash >> 32;
  }
  return left == 0 ? hash : hash ^ load_little_endian(at, left);
}

/// The hash of a byte string, the same on every machine: deployable files with hashed n-grams hang
/// on it (docs/format.md).
inline uint64_t hash_bytes(std::string_view bytes) {
  return mix_bits(unmixed_hash_bytes(bytes));
}

/// The last step of hash_bytes() is mix_bits(); this is what it makes of a window on `whole`, which
/// is not empty, before it. Most words are taken without a branch on their length.
inline uint64_t unmixed_hash_window(std::string_view whole, size_t begin, size_t length) {
  constexpr bool kLittle = std::endian::native == std::endian::little;
  if (!kLittle || length > 8 || begin + 8 > whole.size()) {
    return unmixed_hash_bytes(whole.substr(begin, length));
  }
  uint64_t word = 0;
  std::memcpy(&word, whole.data() + begin, 8);
  word &= ~uint64_t{0} >> (8 * (8 - length));
  return (length * kHashMultiplier) ^ word;
}

/// hash_bytes() of a window on `whole`, which is not empty.
inline uint64_t hash_window(std::string_view whole, size_t begin, size_t length) {
  return mix_bits(unmixed_hash_window(whole, begin, length));
}

/// FNV-1a (Fowler, Noll and Vo) of bytes that come one after the other. What it makes of the same
/// bytes is the same everywhere. `Word`: uint32_t or uint64_t.
template <typename Word>
class Fnv1a {
  static_assert(std::is_same_v<Word, uint32_t> || std::is_same_v<Word, uint64_t>);
  static constexpr bool kShort = sizeof(Word) == sizeof(uint32_t);

 public:
  void add(uint8_t byte) { value_ = (value_ ^ byte) * kPrime; }
  Word value() const { return value_; }

 private:
  static constexpr Word kPrime = static_cast<Word>(kShort ? 0x01000193u : 0x100000001B3u);
  Word value_ = static_cast<Word>(kShort ? 0x811C9DC5u : 0xCBF29CE484222325u);
};

}  // namespace ockham
