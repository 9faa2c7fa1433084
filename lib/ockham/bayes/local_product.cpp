#include "ockham/bayes/local_product.hpp"

#include <cmath>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

Matrix transposed(const Matrix& m) {
  Matrix out(m.cols(), m.rows());
  transpose(m, out);
  return out;
}

Matrix squared(ConstMatrixView x) {
  Matrix out(x.rows, x.cols);
  for (size_t r = 0; r < x.rows; ++r) {
    for (size_t j = 0; j < x.cols; ++j) out(r, j) = x(r, j) * x(r, j);
  }
  return out;
}

}  // namespace

LocalProduct::LocalProduct(const Parameter& parameter, const ProductShape& shape,
                           std::span<const uint32_t> texts, const NoiseSource& noise)
    : mean_(parameter.mean),
      variance_(parameter.rows(), parameter.cols()),
      noise_(texts.size(), parameter.cols()),
      gradients_(shape.slices) {
  if (shape.over_time) {
    fail("local reparametrization of ", parameter.path, " is not possible: its weights act at ",
         "several time steps with the same noise, whose covariance would be lost");
  }
  if (parameter.posterior->spread_name() != "log_sigma") {
    fail("local reparametrization of ", parameter.path, " needs an additive Gaussian posterior, ",
         "not ", parameter.posterior->name());
  }
  for (size_t i = 0; i < variance_.size(); ++i) {
    variance_.values()[i] = 2.0f * parameter.spread.values()[i];
  }
  exponential(variance_.values(), variance_.values());
  mean_transposed_ = transposed(mean_);
  variance_transposed_ = transposed(variance_);
  noise.matrix(NoiseKind::normal, parameter.id, texts, parameter.column_ids, noise_);
}

// y = x M + sqrt(v) e
void LocalProduct::multiply(ConstMatrixView x, std::span<const uint32_t> sequences, MatrixView y,
                            Accumulate accumulate) const {
  matmul(x, mean_, y, accumulate);
  Matrix v(x.rows, mean_.cols());
  matmul(squared(x), variance_, v, Accumulate::no);
  for (size_t r = 0; r < x.rows; ++r) {
    for (size_t j = 0; j < v.cols(); ++j) y(r, j) += std::sqrt(v(r, j)) * noise_(sequences[r], j);
  }
}

// q = g e / sqrt(v), 0 where v = 0: twice dL/dv
Matrix LocalProduct::scaled_noise(ConstMatrixView x, std::span<const uint32_t> sequences,
                                  ConstMatrixView g) const {
  Matrix q(x.rows, mean_.cols());
  matmul(squared(x), variance_, q, Accumulate::no);
  for (size_t r = 0; r < x.rows; ++r) {
    for (size_t j = 0; j < q.cols(); ++j) {
      const float v = q(r, j);
      q(r, j) = v > 0.0f ? g(r, j) * noise_(sequences[r], j) / std::sqrt(v) : 0.0f;
    }
  }
  return q;
}

// dx = g M^T + x * (q (S^2)^T)
void LocalProduct::multiply_transposed(ConstMatrixView x, ConstMatrixView g,
                                       std::span<const uint32_t> sequences, MatrixView dx,
                                       Accumulate accumulate) const {
  matmul(g, mean_transposed_, dx, accumulate);
  Matrix through_variance(x.rows, x.cols);
  matmul(scaled_noise(x, sequences, g), variance_transposed_, through_variance, Accumulate::no);
  for (size_t r = 0; r < x.rows; ++r) {
    for (size_t j = 0; j < x.cols; ++j) dx(r, j) += x(r, j) * through_variance(r, j);
  }
}

void LocalProduct::add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                                std::span<const uint32_t> sequences) {
  Gradient& gradient = gradients_[slice];
  if (gradient.mean.empty()) {
    gradient.mean = Matrix(mean_.rows(), mean_.cols());
    gradient.variance = Matrix(mean_.rows(), mean_.cols());
  }
  matmul_transposed(x, g, gradient.mean);
  matmul_transposed(squared(x), scaled_noise(x, sequences, g), gradient.variance);
}

// dM += x^T g;  dlog s += S^2 * ((x * x)^T q)
void LocalProduct::finish(Parameter& parameter) {
  for (Gradient& gradient : gradients_) {
    if (gradient.mean.empty()) continue;
    add_scaled(1.0f, gradient.mean.values(), parameter.mean_gradient.values());
    ockham::multiply(variance_.values(), gradient.variance.values());
    add_scaled(1.0f, gradient.variance.values(), parameter.spread_gradient.values());
  }
}

}  // namespace ockham
