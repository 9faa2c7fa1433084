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

/// O(n log n) comparisons of n rows, whatever they are. A matrix without repetitions is not copied.
DistinctRows distinct_rows(Matrix matrix);

}  // namespace ockham
