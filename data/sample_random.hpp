#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ockham {

/// SplitMix64: unlike the standard distributions, the same numbers with every library.
class SampleRandom {
 public:
  explicit SampleRandom(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// A number in [0, n), n < 2^32. Its bias of n / 2^32 is far below what a corpus could show.
  size_t below(size_t n) {
    assert(n > 0);
    return static_cast<size_t>(((next() >> 32) * n) >> 32);
  }

  bool chance(unsigned per_mille) { return below(1000) < per_mille; }

  template <typename T>
  const T& pick(std::span<const T> items) {
    return items[below(items.size())];
  }

  /// Prefers the front of the list, as language prefers its common words.
  template <typename T>
  const T& pick_common(std::span<const T> items) {
    return items[below(below(items.size()) + 1)];
  }

 private:
  uint64_t state_;
};

}  // namespace ockham
