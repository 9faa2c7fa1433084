#pragma once

#include <cstddef>

#include "ockham/tensor/matrix.hpp"

/// Products of large fp32 matrices for processors with AVX2 and no more, where most of a training
/// step's are a third faster than oneDNN's, some twice as fast, and none slower (panels and tiles:
/// Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication"). They run on
/// the calling thread. Results are the same every time on one machine, a row's whatever rows are
/// multiplied with it.
namespace ockham {

/// Whether they are the faster ones here.
bool multiplies_packed();

/// B [k, n] of many products, laid out once in the order in which they read it.
class PackedWeights {
 public:
  explicit PackedWeights(ConstMatrixView b);

  /// C (+)= A B. A [m, k], C [m, n]. May be called from several threads at once.
  void multiply(ConstMatrixView a, MatrixView c, bool accumulate) const;

 private:
  Matrix panels_;
};

/// C += A^T B. A [tokens, m], B [tokens, n], C [m, n].
void packed_matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c);

}  // namespace ockham
