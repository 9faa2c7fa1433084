#pragma once

#include <memory>

#include "ockham/tensor/amx_matmul.hpp"
#include "ockham/tensor/bf16_matmul.hpp"
#include "ockham/tensor/matrix.hpp"
#include "ockham/tensor/packed_matmul.hpp"
#include "ockham/tensor/precision.hpp"

/// Matrix products. Everything is fp32, unless a precision is given, and row-major, and runs on the
/// calling thread: who has a ThreadPool shares out rows or slices. Large products whose precision
/// is given as fp32 may be in fixed point of 22 bits and more: see amx_matmul.hpp.
namespace ockham {

enum class Accumulate { no, yes };

/// Whether a weight matrix B [inner, columns] is so large that its products go by the precision;
/// those of smaller ones are fp32, and not the faster for less.
bool takes_precision(size_t inner, size_t columns);

/// C (+)= A B. A [m, k], B [k, n], C [m, n].
void matmul(ConstMatrixView a, ConstMatrixView b, MatrixView c, Accumulate accumulate);

/// C += A^T B: a weight's gradient from its inputs A [tokens, m] and the
/// outputs' gradients B [tokens, n]. C [m, n].
void matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c);

/// The same as products of MatmulWeights are made: large ones by the precision, with the factors
/// rounded where it says so, or by kernels of the processor. C is a whole matrix, no window on one.
void matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c, Precision precision);

/// B [k, n] of many products, and B^T, as the processor and the precision want them.
class MatmulWeights {
 public:
  MatmulWeights() = default;
  /// Small ones stay fp32: their products are not the faster for less.
  MatmulWeights(Matrix b, Precision precision);

  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  /// B, where products take it as it is, as those of small ones do; else nothing.
  const Matrix* plain() const { return b_.plain.empty() ? nullptr : &b_.plain; }

  // May be called from several threads at once.
  /// C (+)= A B. A [m, k], C [m, n].
  void multiply(ConstMatrixView a, MatrixView c, Accumulate accumulate) const;
  /// C (+)= A B^T. A [m, n], C [m, k].
  void multiply_transposed(ConstMatrixView a, MatrixView c, Accumulate accumulate) const;

 private:
  /// One direction's factor, in one of these forms.
  struct Factor {
    void multiply(ConstMatrixView a, MatrixView c, Accumulate accumulate) const;

    Matrix plain;
    std::unique_ptr<const AmxWeights> tiles;
    std::unique_ptr<const Bf16Weights> rounded;
    std::unique_ptr<const PackedWeights> packed;
  };
  static Factor make_factor(Matrix b, Precision precision);

  size_t rows_ = 0, cols_ = 0;
  Factor b_, transposed_;
};

/// out = A^T. A [m, n], out [n, m].
void transpose(ConstMatrixView a, MatrixView out);
/// The same by value.
Matrix transposed(ConstMatrixView a);

}  // namespace ockham
