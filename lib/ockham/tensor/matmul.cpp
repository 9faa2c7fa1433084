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

// Below this many weights fp32 is as fast as bf16, whose kernels have to be compiled again whenever
// a layer shrinks.
constexpr size_t kBf16Weights = 32'768;

bool gains_by_bf16(size_t inner, size_t columns) {
  return inner * columns >= kBf16Weights;
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

void multiply_by(const Matrix& b, const Bf16Weights* rounded, ConstMatrixView a, MatrixView c,
                 Accumulate accumulate) {
  if (rounded == nullptr) {
    matmul(a, b, c, accumulate);
  } else if (a.rows > 0) {
    rounded->multiply(a, c, accumulate == Accumulate::yes);
  }
}

}  // namespace

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
  if (precision == Precision::fp32 || a.rows == 0 || !gains_by_bf16(a.cols, b.cols)) {
    matmul_transposed(a, b, c);
  } else {
    bf16_matmul_transposed(a, b, c);
  }
}

MatmulWeights::MatmulWeights(Matrix b, Precision precision)
    : b_(std::move(b)), transposed_(transposed(b_)) {
  if (precision == Precision::fp32 || !gains_by_bf16(b_.rows(), b_.cols())) return;
  rounded_ = std::make_unique<const Bf16Weights>(b_);
  rounded_transposed_ = std::make_unique<const Bf16Weights>(transposed_);
}

void MatmulWeights::multiply(ConstMatrixView a, MatrixView c, Accumulate accumulate) const {
  multiply_by(b_, rounded_.get(), a, c, accumulate);
}

void MatmulWeights::multiply_transposed(ConstMatrixView a, MatrixView c,
                                        Accumulate accumulate) const {
  multiply_by(transposed_, rounded_transposed_.get(), a, c, accumulate);
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
