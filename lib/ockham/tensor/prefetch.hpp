#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace ockham {

/// Brings a row of numbers near that is read soon.
inline void prefetch_row(const float* row, size_t width) {
  constexpr size_t kLine = 64;
  const auto* const begin = reinterpret_cast<const char*>(row);
  const size_t into_line = reinterpret_cast<uintptr_t>(row) % kLine;  // rows begin anywhere in one
  const size_t bytes = into_line + width * sizeof(float);
  for (size_t at = 0; at < bytes; at += kLine) __builtin_prefetch(begin - into_line + at);
}

/// The same where many rows are on their way at once: the beginning of a long one, after which the
/// processor foresees the rest.
inline void prefetch_row_start(const float* row, size_t width) {
  constexpr size_t kMost = 64;
  prefetch_row(row, std::min(width, kMost));
}

}  // namespace ockham
