#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace ockham {

/// Brings a row of numbers near that is read soon.
inline void prefetch_row(const float* row, size_t width) {
  constexpr uintptr_t kLine = 64;
  const auto begin = reinterpret_cast<uintptr_t>(row), end = begin + width * sizeof(float);
  for (uintptr_t line = begin / kLine * kLine; line < end; line += kLine) {
    __builtin_prefetch(reinterpret_cast<const void*>(line));
  }
}

/// The same where many rows are on their way at once: the beginning of a long one, after which the
/// processor foresees the rest.
inline void prefetch_row_start(const float* row, size_t width) {
  constexpr size_t kMost = 64;
  prefetch_row(row, std::min(width, kMost));
}

}  // namespace ockham
