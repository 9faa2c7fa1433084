#include "ockham/tensor/blocked_columns.hpp"

#include <algorithm>

namespace ockham {

BlockedColumns padded_blocks(size_t blocks, size_t width) {
  const size_t lanes = width <= 4 ? 4 : 8;
  return {blocks, width, (width + lanes - 1) / lanes * lanes};
}

Matrix widen(ConstMatrixView m, const BlockedColumns& columns, size_t rows_wide) {
  Matrix wide(rows_wide, columns.wide());
  for (size_t r = 0; r < m.rows; ++r) {
    for (size_t b = 0; b < columns.blocks; ++b) {
      std::copy_n(m.row(r) + b * columns.width, columns.width, wide.row(r) + b * columns.stride);
    }
  }
  return wide;
}

void add_narrowed(ConstMatrixView wide, const BlockedColumns& columns, MatrixView narrow) {
  for (size_t r = 0; r < narrow.rows; ++r) {
    for (size_t b = 0; b < columns.blocks; ++b) {
      const float* from = wide.row(r) + b * columns.stride;
      float* to = narrow.row(r) + b * columns.width;
      for (size_t j = 0; j < columns.width; ++j) to[j] += from[j];
    }
  }
}

std::vector<uint32_t> columns_in_blocks(std::span<const uint32_t> kept, size_t blocks, size_t width,
                                        size_t first) {
  std::vector<uint32_t> columns;
  columns.reserve(blocks * kept.size());
  for (size_t b = first; b < first + blocks; ++b) {
    for (const uint32_t j : kept) columns.push_back(static_cast<uint32_t>(b * width + j));
  }
  return columns;
}

}  // namespace ockham
