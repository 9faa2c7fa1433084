#include "ockham/bayes/local_product.hpp"

#include <cmath>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

Matrix squared(ConstMatrixView x) {
  Matrix out(x.rows, x.cols);
  for (size_t r = 0; r < x.rows; ++r) {
    for (size_t j = 0; j < x.cols; ++j) out(r, j) = x(r, j) * x(r, j);
  }
  return out;
}

Matrix draw_noise(const Parameter& parameter, const Draws& draws, const NoiseSource& noise) {
  Matrix e(draws.texts.size(), parameter.cols());
  if (draws.steps.empty()) {
    noise.matrix(NoiseKind::normal, parameter.id, draws.texts, parameter.column_ids, e);
  } else {
    noise.sequence_matrix(NoiseKind::normal, parameter.id, draws.texts, draws.steps,
                          parameter.column_ids, e);
  }
  return e;
}

}  // namespace

LocalProduct::LocalProduct(const Parameter& parameter, const ProductShape& shape,
                           const Draws& draws, const NoiseSource& noise)
    : columns_(shape.columns), precision_(shape.precision), gradients_(shape.slices) {
  const Posterior& posterior = *parameter.posterior;
  if (shape.over_time) {
    fail("local reparametrization of ", parameter.path, " is not possible: its weights act at ",
         "several time steps with the same noise, whose covariance would be lost");
  }
  if (!posterior.gaussian()) {
    fail("local reparametrization of ", parameter.path, " needs a Gaussian posterior, not ",
         posterior.name());
  }
  Matrix variance(parameter.rows(), parameter.cols());
  posterior.variance(parameter.mean.values(), parameter.spread.values(), variance.values());
  parameter.zero_pruned(variance);
  mean_ = {widen(parameter.kept_mean(), columns_, shape.rows), precision_};
  variance_ = {widen(variance, columns_, shape.rows), precision_};
  noise_ = widen(draw_noise(parameter, draws, noise), columns_, draws.texts.size());
}

// y = x M + sqrt(v) e,   v = (x * x) V
void LocalProduct::multiply(ConstMatrixView x, std::span<const uint32_t> draws, MatrixView y,
                            Accumulate accumulate) const {
  mean_.multiply(x, y, accumulate);
  Matrix v(x.rows, mean_.cols());
  variance_.multiply(squared(x), v, Accumulate::no);
  for (size_t r = 0; r < x.rows; ++r) {
    for (size_t j = 0; j < v.cols(); ++j) y(r, j) += std::sqrt(v(r, j)) * noise_(draws[r], j);
  }
}

// dv = g e / (2 sqrt(v)), 0 where v = 0
Matrix LocalProduct::variance_gradient(ConstMatrixView x, std::span<const uint32_t> draws,
                                       ConstMatrixView g) const {
  Matrix dv(x.rows, mean_.cols());
  variance_.multiply(squared(x), dv, Accumulate::no);
  for (size_t r = 0; r < x.rows; ++r) {
    for (size_t j = 0; j < dv.cols(); ++j) {
      const float v = dv(r, j);
      dv(r, j) = v > 0.0f ? 0.5f * g(r, j) * noise_(draws[r], j) / std::sqrt(v) : 0.0f;
    }
  }
  return dv;
}

// dx = g M^T + 2 x * (dv V^T)
void LocalProduct::multiply_transposed(ConstMatrixView x, ConstMatrixView g,
                                       std::span<const uint32_t> draws, MatrixView dx,
                                       Accumulate accumulate) const {
  mean_.multiply_transposed(g, dx, accumulate);
  Matrix through_variance(x.rows, x.cols);
  variance_.multiply_transposed(variance_gradient(x, draws, g), through_variance, Accumulate::no);
  for (size_t r = 0; r < x.rows; ++r) {
    for (size_t j = 0; j < x.cols; ++j) dx(r, j) += 2.0f * x(r, j) * through_variance(r, j);
  }
}

void LocalProduct::add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                                std::span<const uint32_t> draws) {
  Gradient& gradient = gradients_[slice];
  if (gradient.mean.empty()) {
    gradient.mean = Matrix(mean_.rows(), mean_.cols());
    gradient.variance = Matrix(mean_.rows(), mean_.cols());
  }
  matmul_transposed(x, g, gradient.mean, precision_);
  matmul_transposed(squared(x), variance_gradient(x, draws, g), gradient.variance, precision_);
}

void LocalProduct::finish(Parameter& parameter) {
  Matrix dmean(parameter.rows(), parameter.cols()), dvariance(parameter.rows(), parameter.cols());
  for (const Gradient& gradient : gradients_) {
    if (gradient.mean.empty()) continue;
    add_narrowed(gradient.mean, columns_, dmean);
    add_narrowed(gradient.variance, columns_, dvariance);
  }
  add_scaled(1.0f, dmean.values(), parameter.mean_gradient.values());
  parameter.posterior->variance_backward(parameter.mean.values(), parameter.spread.values(),
                                         dvariance.values(), parameter.mean_gradient.values(),
                                         parameter.spread_gradient.values());
}

}  // namespace ockham
