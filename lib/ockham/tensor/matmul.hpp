#pragma once

#include <memory>

#include "ockham/tensor/bf16_matmul.hpp"
#include "ockham/tensor/matrix.hpp"
#include "ockham/tensor/precision.hpp"

/// Matrix products. Everything is fp32, unless a precision is given, and row-major, and runs on the
/// calling thread: who has a ThreadPool shares out rows or slices.
namespace ockham {

enum class Accumulate { no, yes };

/// C (+)= A B. A [m, k], B [k, n], C [m, n].
void matmul(ConstMatrixView a, ConstMatrixView b, MatrixView c, Accumulate accumulate);

/// C += A^T B: a weight's gradient from its inputs A [tokens, m] and the
/// outputs' gradients B [tokens, n]. C [m, n].
void matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c);

/// The same with the factors rounded, where the product is large enough to be the faster for it. C
/// is a whole matrix, no window on one.
void matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c, Precision precision);

/// B [k, n] of many products, and B^T, as the precision wants them.
class MatmulWeights {
 public:
  MatmulWeights() = default;
  /// Small ones stay fp32: their products are not the faster for less.
  MatmulWeights(Matrix b, Precision precision);

  size_t rows() const { return b_.rows(); }
  size_t cols() const { return b_.cols(); }

  // May be called from several threads at once.
  /// C (+)= A B. A [m, k], C [m, n].
  void multiply(ConstMatrixView a, MatrixView c, Accumulate accumulate) const;
  /// C (+)= A B^T. A [m, n], C [m, k].
  void multiply_transposed(ConstMatrixView a, MatrixView c, Accumulate accumulate) const;

 private:
  Matrix b_, transposed_;
  std::unique_ptr<const Bf16Weights> rounded_, rounded_transposed_;  // or null
};

/// out = A^T. A [m, n], out [n, m].
void transpose(ConstMatrixView a, MatrixView out);
/// The same by value.
Matrix transposed(ConstMatrixView a);

}  // namespace ockham
