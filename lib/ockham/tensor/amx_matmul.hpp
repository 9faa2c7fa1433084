#pragma once

#include "ockham/tensor/amx_tiles.hpp"
#include "ockham/tensor/matrix.hpp"

/// Products on AMX (Intel's Advanced Matrix Extensions), which multiplies tiles of bf16 numbers and
/// adds up in fp32. They run on the calling thread, on processors that have it: elsewhere
/// (multiplies_tiles()) they throw Error. Results are the same every time on one machine, a row's
/// whatever rows are multiplied with it.
///
/// With three parts, a = a_0 + a_1 + a_2, a product is the sum of the parts' products of i + j <=
/// 2, with two of i + j <= 1: what is left out is 2^-23 of |a b| at most, or 2^-14.4, and mostly a
/// tenth of it (Henry, Tang and Heinecke 2019, arXiv:1904.06376). At up to some
/// hundred inner elements sums with three parts are nearer to the truth than those of oneDNN's
/// fp32. [64, 128] x [128, 512] takes 25, 15 and 7 us with three, two and one part, 47 in fp32, [1,
/// 128] 6, 4 and 2 and 2.6 (a Xeon of 2.6 GHz).
namespace ockham {

/// B [k, n] of many products, cut into tiles once.
class AmxWeights {
 public:
  AmxWeights(ConstMatrixView b, Bf16Parts parts);

  /// C (+)= A B. A [m, k], C [m, n]. May be called from several threads at once.
  void multiply(ConstMatrixView a, MatrixView c, bool accumulate) const;

 private:
  size_t inner_;
  Bf16Parts parts_;
  AmxTiles tiles_;
};

/// C += A^T B. A [tokens, m], B [tokens, n], C [m, n]. New sums begin every 128 tokens of three
/// parts: over thousands of tokens too they are nearer to the truth than fp32's. 128 tokens, [128,
/// 512]: 60, 40 and 25 us, 98 in fp32.
void amx_matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c, Bf16Parts parts);

}  // namespace ockham
