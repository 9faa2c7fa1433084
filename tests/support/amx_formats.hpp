#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <span>

#include "ockham/tensor/amx_tiles.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {

inline constexpr TileFormat kTileFormats[] = {TileFormat::bf16, TileFormat::int8x3};

inline const char* tile_format_name(TileFormat format) {
  return format == TileFormat::bf16 ? "bf16" : "int8x3";
}

/// Numbers of all sizes that a training has.
inline Matrix varied_matrix(std::mt19937& random, size_t rows, size_t cols) {
  Matrix m = random_matrix(random, rows, cols);
  for (float& x : m.values()) x = std::ldexp(x, static_cast<int>(random() % 40) - 30);
  return m;
}

inline double largest_of(std::span<const float> numbers) {
  double largest = 0.0;
  for (const float x : numbers) largest = std::max(largest, std::abs(double{x}));
  return largest;
}

}  // namespace ockham
