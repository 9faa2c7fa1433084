#pragma once

#include <cstdint>
#include <vector>

#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// A matrix's rows without their repetitions.
struct DistinctRows {
  Matrix rows;                   ///< [distinct rows, cols] in the order of their first appearance
  std::vector<uint32_t> row_of;  ///< the matrix's row i is rows.row(row_of[i]), to the bit
};

DistinctRows distinct_rows(const Matrix& matrix);

}  // namespace ockham
