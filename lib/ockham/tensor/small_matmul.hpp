#pragma once

#include "ockham/tensor/matrix.hpp"

/// Products with few weights, for which a general GEMM's set-up costs more than the arithmetic.
/// Called through matmul.hpp.
namespace ockham {

/// C (+)= A B. Meant for B of up to some thousand elements.
void small_matmul(ConstMatrixView a, ConstMatrixView b, MatrixView c, bool accumulate);

/// C += A^T B for C of up to some thousand elements.
void small_matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c);

}  // namespace ockham
