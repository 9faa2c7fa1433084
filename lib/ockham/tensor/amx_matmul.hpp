#pragma once

#include "ockham/tensor/amx_tiles.hpp"
#include "ockham/tensor/matrix.hpp"

/// Products on AMX (Intel's Advanced Matrix Extensions), which multiplies tiles of bytes and adds
/// up in whole numbers, or of bf16 numbers and adds up in fp32. They run on the calling thread, on
/// processors that have it: elsewhere (multiplies_tiles()) they throw Error. Results are the same
/// every time on one machine, a row's whatever rows are multiplied with it.
///
/// With TileFormat::int8x3, a = 2^e (a_0 + a_1 2^-8 + a_2 2^-16) with an e for a row of A or a
/// column of B, and a product is the sum of the bytes' products a_i b_j of i + j <= 2, six of nine,
/// in exact whole numbers (Ootomo, Ozaki and Yokota 2024, arXiv:2306.11975). A product is off by
/// 2^-20.4 of the largest |a| of the row times the largest |b| of the column at most, by 2^-22.7 in
/// the root mean square. Of normal numbers sums are 1.7 times as far from the truth as oneDNN's
/// fp32, of positive ones a fifth as far; where a row's numbers are of very different sizes the
/// small ones lose bits (of normal numbers with one in a hundred 100 times as large sums are 50
/// times as far, 1e-5 of them). Gradients of trained networks of the papers' size are within 4e-6
/// of fp32's, whose own order of summing changes them by 1e-7 to 7e-7. [64, 128] x [128, 512] takes
/// 17 us, 6 with bf16, 43 with oneDNN's fp32 (a Xeon of 2.6 GHz).
namespace ockham {

/// B [k, n] of many products, cut into tiles once.
class AmxWeights {
 public:
  AmxWeights(ConstMatrixView b, TileFormat format);

  /// C (+)= A B. A [m, k], C [m, n]. May be called from several threads at once.
  void multiply(ConstMatrixView a, MatrixView c, bool accumulate) const;

 private:
  AmxTiles right_;
};

/// C += A^T B. A [tokens, m], B [tokens, n], C [m, n]. New sums, and of bytes new exponents, begin
/// every some hundred tokens.
void amx_matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c, TileFormat format);

}  // namespace ockham
