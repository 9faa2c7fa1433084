#include "ockham/tensor/matmul.hpp"

#include <dnnl.hpp>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/one_omp_thread.hpp"
#include "ockham/tensor/small_matmul.hpp"

namespace ockham {
namespace {

// Below this many weights oneDNN's call costs more than the product: at [32, 8] x [8, 32] (one
// time step of the default model) the small kernel is about ten times as fast.
constexpr size_t kSmallInner = 48;
constexpr size_t kSmallWeights = 48 * 192;

bool is_small(size_t inner, size_t columns) {
  return inner <= kSmallInner && inner * columns <= kSmallWeights;
}

TileFormat format_of(Precision precision) {
  return precision == Precision::bf16 ? TileFormat::bf16 : TileFormat::int8x3;
}

/// Whether a gradient over so many tokens is the faster for tiles, both of its factors being cut
/// for this one product. bf16 rounds however few there are.
bool gains_by_tiles(size_t tokens, Precision precision) {
  constexpr size_t kTokens = 32;
  return precision == Precision::bf16 || tokens >= kTokens;
}

/// Narrow matrices fill no panels, or few rows of a tile (8,200 x 4 took twice as long by them).
bool gains_by_panels(size_t inner, size_t columns) {
  constexpr size_t kLeast = 32;
  return multiplies_packed() && inner >= kLeast && columns >= kLeast;
}

void sgemm(char transpose_a, size_t m, size_t n, size_t k, ConstMatrixView a, ConstMatrixView b,
           float beta, MatrixView c) {
  const OneOmpThread alone;
  const auto status = dnnl::sgemm(
      transpose_a, 'N', static_cast<dnnl_dim_t>(m), static_cast<dnnl_dim_t>(n),
      static_cast<dnnl_dim_t>(k), 1.0f, a.data, static_cast<dnnl_dim_t>(a.stride), b.data,
      static_cast<dnnl_dim_t>(b.stride), beta, c.data, static_cast<dnnl_dim_t>(c.stride));
  if (status != dnnl::status::success) fail("oneDNN refused a product of ", m, "x", k, "x", n);
}

}  // namespace

// Below this many weights fp32 is as fast as oneDNN's bf16, whose kernels have to be compiled again
// whenever a layer shrinks.
bool takes_precision(size_t inner, size_t columns) {
  constexpr size_t kLargeWeights = 32'768;
  return inner * columns >= kLargeWeights;
}

void matmul(ConstMatrixView a, ConstMatrixView b, MatrixView c, Accumulate accumulate) {
  if (a.rows == 0 || b.cols == 0) return;
  if (is_small(a.cols, b.cols)) {
    small_matmul(a, b, c, accumulate == Accumulate::yes);
  } else {
    sgemm('N', a.rows, b.cols, a.cols, a, b, accumulate == Accumulate::yes ? 1.0f : 0.0f, c);
  }
}

void matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  if (a.rows == 0 || a.cols == 0 || b.cols == 0) return;
  if (is_small(a.cols, b.cols)) {
    small_matmul_transposed(a, b, c);
  } else {
    sgemm('T', a.cols, b.cols, a.rows, a, b, 1.0f, c);
  }
}

void matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c, Precision precision) {
  if (a.rows == 0 || !takes_precision(a.cols, b.cols)) {
    matmul_transposed(a, b, c);
  } else if (multiplies_tiles() && gains_by_tiles(a.rows, precision)) {
    amx_matmul_transposed(a, b, c, format_of(precision));
  } else if (!multiplies_tiles() && precision == Precision::bf16) {
    bf16_matmul_transposed(a, b, c);
  } else if (gains_by_panels(a.cols, b.cols)) {
    packed_matmul_transposed(a, b, c);
  } else {
    matmul_transposed(a, b, c);
  }
}

MatmulWeights::Factor MatmulWeights::make_factor(Matrix b, Precision precision) {
  Factor factor;
  const bool large = takes_precision(b.rows(), b.cols());
  if (large && multiplies_tiles()) {
    factor.tiles = std::make_unique<const AmxWeights>(b, format_of(precision));
  } else if (large && precision == Precision::bf16) {
    factor.rounded = std::make_unique<const Bf16Weights>(b);
  } else if (large && gains_by_panels(b.rows(), b.cols())) {
    factor.packed = std::make_unique<const PackedWeights>(b);
  } else {
    factor.plain = std::move(b);
  }
  return factor;
}

void MatmulWeights::Factor::multiply(ConstMatrixView a, MatrixView c, Accumulate accumulate) const {
  if (a.rows == 0) return;
  if (tiles) {
    tiles->multiply(a, c, accumulate == Accumulate::yes);
  } else if (rounded) {
    rounded->multiply(a, c, accumulate == Accumulate::yes);
  } else if (packed) {
    packed->multiply(a, c, accumulate == Accumulate::yes);
  } else {
    matmul(a, plain, c, accumulate);
  }
}

MatmulWeights::MatmulWeights(Matrix b, Precision precision)
    : rows_(b.rows()), cols_(b.cols()), transposed_(make_factor(transposed(b), precision)) {
  b_ = make_factor(std::move(b), precision);
}

void MatmulWeights::multiply(ConstMatrixView a, MatrixView c, Accumulate accumulate) const {
  b_.multiply(a, c, accumulate);
}

void MatmulWeights::multiply_transposed(ConstMatrixView a, MatrixView c,
                                        Accumulate accumulate) const {
  transposed_.multiply(a, c, accumulate);
}

void transpose(ConstMatrixView a, MatrixView out) {
  for (size_t r = 0; r < a.rows; ++r) {
    for (size_t j = 0; j < a.cols; ++j) out(j, r) = a(r, j);
  }
}

Matrix transposed(ConstMatrixView a) {
  Matrix out(a.cols, a.rows);
  transpose(a, out);
  return out;
}

}  // namespace ockham
