#pragma once

#include <hwy/cache_control.h>

#include <algorithm>
#include <cstddef>

namespace ockham {

/// Begins to fetch a row that is read soon, of any that might have come next. Of a long one it is
/// the first lines: the processor foresees what follows.
inline void prefetch_row(const float* row, size_t width) {
  constexpr size_t kLine = 64 / sizeof(float), kMost = 4 * kLine;
  for (size_t i = 0; i < std::min(width, kMost); i += kLine) hwy::Prefetch(row + i);
}

}  // namespace ockham
