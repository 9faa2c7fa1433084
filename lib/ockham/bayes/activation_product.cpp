#include "ockham/bayes/activation_product.hpp"

#include "ockham/bayes/sampling.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// The spread of each row, which all its weights share; empty where the posterior has none.
Matrix row_spreads(const Parameter& parameter) {
  Matrix spreads(parameter.spread.empty() ? 0 : 1, parameter.rows());
  for (size_t i = 0; i < spreads.size(); ++i) spreads(0, i) = parameter.spread(i, 0);
  return spreads;
}

}  // namespace

ActivationProduct::ActivationProduct(const Parameter& parameter, const ProductShape& shape,
                                     const Draws& draws, const NoiseSource& noise)
    : columns_(shape.columns),
      precision_(shape.precision),
      noise_(draws.texts.size(), parameter.rows()),
      mean_(widen(parameter.kept_mean(), columns_, shape.rows), precision_),
      gradients_(shape.slices) {
  const Posterior& posterior = *parameter.posterior;
  if (!posterior.multiplicative()) {
    fail("noise on the inputs of ", parameter.path, " needs a posterior whose noise is a factor ",
         "of the weights, as that of Gaussian or variational dropout, not ", posterior.name());
  }
  const bool one_a_row = parameter.sharing == Sharing::row || parameter.sharing == Sharing::layer;
  if (posterior.has_spread() && !one_a_row) {
    fail("noise on the inputs of ", parameter.path, " needs one alpha for all weights of an ",
         "input: share it by row or layer");
  }
  noise.matrix(posterior.noise(), parameter.id, draws.texts, parameter.row_ids, noise_);
  const Matrix ones(1, parameter.rows(), 1.0f), spreads = row_spreads(parameter);
  Matrix factors(noise_.rows(), noise_.cols());
  for (size_t b = 0; b < factors.rows(); ++b) {
    posterior.sample(ones.values(), spreads.values(), noise_.view().row_span(b),
                     factors.view().row_span(b));
  }
  factors_ = widen(factors, {1, parameter.rows(), shape.rows}, factors.rows());
}

// y = (x * xi) M
void ActivationProduct::multiply(ConstMatrixView x, std::span<const uint32_t> draws, MatrixView y,
                                 Accumulate accumulate) const {
  mean_.multiply(scaled_by_draw(x, factors_, draws), y, accumulate);
}

// dx = xi * (g M^T)
void ActivationProduct::multiply_transposed(ConstMatrixView x, ConstMatrixView g,
                                            std::span<const uint32_t> draws, MatrixView dx,
                                            Accumulate accumulate) const {
  Matrix through(x.rows, x.cols);
  mean_.multiply_transposed(g, through, Accumulate::no);
  const Matrix d = scaled_by_draw(through, factors_, draws);
  for (size_t r = 0; r < dx.rows; ++r) {
    for (size_t j = 0; j < dx.cols; ++j) {
      dx(r, j) = accumulate == Accumulate::yes ? dx(r, j) + d(r, j) : d(r, j);
    }
  }
}

// dM = (x * xi)^T g;   dxi_b = sum over the sequence's rows of x * (g M^T)
void ActivationProduct::add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                                     std::span<const uint32_t> draws) {
  Gradient& gradient = gradients_[slice];
  if (gradient.mean.empty()) {
    gradient.mean = Matrix(mean_.rows(), mean_.cols());
    gradient.factors = Matrix(factors_.rows(), factors_.cols());
  }
  matmul_transposed(scaled_by_draw(x, factors_, draws), g, gradient.mean, precision_);
  Matrix through(x.rows, x.cols);
  mean_.multiply_transposed(g, through, Accumulate::no);
  for (size_t r = 0; r < x.rows; ++r) {
    for (size_t j = 0; j < x.cols; ++j) gradient.factors(draws[r], j) += x(r, j) * through(r, j);
  }
}

void ActivationProduct::finish(Parameter& parameter) {
  Matrix dmean(parameter.rows(), parameter.cols());
  Matrix dfactors(factors_.rows(), factors_.cols());
  for (const Gradient& gradient : gradients_) {
    if (gradient.mean.empty()) continue;
    add_narrowed(gradient.mean, columns_, dmean);
    add_scaled(1.0f, gradient.factors.values(), dfactors.values());
  }
  add_scaled(1.0f, dmean.values(), parameter.mean_gradient.values());
  if (!parameter.posterior->has_spread()) return;
  const size_t rows = parameter.rows();
  const Matrix ones(1, rows, 1.0f), spreads = row_spreads(parameter);
  Matrix unused(1, rows), dspreads(1, rows);
  for (size_t b = 0; b < dfactors.rows(); ++b) {
    parameter.posterior->backward(ones.values(), spreads.values(), noise_.view().row_span(b),
                                  dfactors.view().row_span(b).first(rows), unused.values(),
                                  dspreads.values());
  }
  // The spreads of a row are one: where its gradient stands does not matter.
  for (size_t i = 0; i < rows; ++i) parameter.spread_gradient(i, 0) += dspreads(0, i);
}

}  // namespace ockham
