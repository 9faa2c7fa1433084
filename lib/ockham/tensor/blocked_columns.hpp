#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// Columns that come in `blocks` blocks of `width` (the gates of a recurrent layer side by side),
/// and the same with every block widened by zero columns to `stride`, a whole number of vectors:
/// kernels then run without remainders, and the added columns stay 0 by themselves.
struct BlockedColumns {
  size_t blocks = 1;
  size_t width = 0;
  size_t stride = 0;

  size_t narrow() const { return blocks * width; }
  size_t wide() const { return blocks * stride; }
};

/// Blocks padded to a multiple of 4 columns up to 4, of 8 above.
BlockedColumns padded_blocks(size_t blocks, size_t width);

/// [rows, narrow] -> [rows_wide, wide], zeros in between and in rows past m's.
Matrix widen(ConstMatrixView m, const BlockedColumns& columns, size_t rows_wide);
/// narrow += the blocks of wide's first narrow.rows rows.
void add_narrowed(ConstMatrixView wide, const BlockedColumns& columns, MatrixView narrow);

/// The columns `kept` of `blocks` blocks of `width` columns, the first block being number `first`.
std::vector<uint32_t> columns_in_blocks(std::span<const uint32_t> kept, size_t blocks, size_t width,
                                        size_t first = 0);

}  // namespace ockham
