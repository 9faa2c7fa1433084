#pragma once

#include "ockham/tensor/matrix.hpp"

/// Matrix products. The only place that knows oneDNN; everything is fp32 and row-major, and
/// runs on the calling thread: who has a ThreadPool shares out rows or slices.
namespace ockham {

enum class Accumulate { no, yes };

/// C (+)= A B. A [m, k], B [k, n], C [m, n].
void matmul(ConstMatrixView a, ConstMatrixView b, MatrixView c, Accumulate accumulate);

/// C += A^T B: a weight's gradient from its inputs A [tokens, m] and the
/// outputs' gradients B [tokens, n]. C [m, n].
void matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c);

/// out = A^T. A [m, n], out [n, m].
void transpose(ConstMatrixView a, MatrixView out);
/// The same by value.
Matrix transposed(ConstMatrixView a);

}  // namespace ockham
