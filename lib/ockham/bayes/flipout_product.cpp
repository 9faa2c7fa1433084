#include "ockham/bayes/flipout_product.hpp"

#include "ockham/bayes/sampling.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/indices.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// +1 or -1, as likely, for each text and column.
Matrix signs(const NoiseSource& noise, uint32_t tensor, const Draws& draws,
             std::span<const uint32_t> columns) {
  Matrix out(draws.texts.size(), columns.size());
  noise.matrix(NoiseKind::uniform, tensor, draws.texts, columns, out);
  for (float& u : out.values()) u = u < 0.5f ? -1.0f : 1.0f;
  return out;
}

void add_flipped(const Matrix& x, const Matrix& signs, std::span<const uint32_t> draws,
                 MatrixView to) {
  for (size_t r = 0; r < to.rows; ++r) {
    for (size_t j = 0; j < to.cols; ++j) to(r, j) += x(r, j) * signs(draws[r], j);
  }
}

}  // namespace

FlipoutProduct::FlipoutProduct(const Parameter& parameter, const ProductShape& shape,
                               const Draws& draws, const NoiseSource& noise)
    : columns_(shape.columns),
      precision_(shape.precision),
      noise_(parameter.rows(), parameter.cols()),
      gradients_(shape.slices) {
  const Posterior& posterior = *parameter.posterior;
  if (!posterior.gaussian()) {
    fail("flipout of ", parameter.path, " needs a posterior whose noise is as likely with either ",
         "sign, not ", posterior.name());
  }
  noise.matrix(posterior.noise(), parameter.id, parameter.row_ids, parameter.column_ids, noise_);
  Matrix deviation(parameter.rows(), parameter.cols());
  posterior.sample(parameter.mean.values(), parameter.spread.values(), noise_.values(),
                   deviation.values());
  add_scaled(-1.0f, parameter.mean.values(), deviation.values());
  parameter.zero_pruned(deviation);
  mean_ = {widen(parameter.kept_mean(), columns_, shape.rows), precision_};
  deviation_ = {widen(deviation, columns_, shape.rows), precision_};
  const Matrix t = signs(noise, parameter.id | kFlipoutInputSigns, draws, parameter.row_ids);
  const Matrix r = signs(noise, parameter.id | kFlipoutOutputSigns, draws, parameter.column_ids);
  input_signs_ = widen(t, {1, parameter.rows(), shape.rows}, draws.texts.size());
  output_signs_ = widen(r, columns_, draws.texts.size());
}

// y = x M + ((x * t) dW) * r
void FlipoutProduct::multiply(ConstMatrixView x, std::span<const uint32_t> draws, MatrixView y,
                              Accumulate accumulate) const {
  mean_.multiply(x, y, accumulate);
  Matrix deviation(x.rows, mean_.cols());
  deviation_.multiply(scaled_by_draw(x, input_signs_, draws), deviation, Accumulate::no);
  add_flipped(deviation, output_signs_, draws, y);
}

// dx = g M^T + t * ((g * r) dW^T)
void FlipoutProduct::multiply_transposed(ConstMatrixView x, ConstMatrixView g,
                                         std::span<const uint32_t> draws, MatrixView dx,
                                         Accumulate accumulate) const {
  mean_.multiply_transposed(g, dx, accumulate);
  Matrix through_deviation(x.rows, x.cols);
  deviation_.multiply_transposed(scaled_by_draw(g, output_signs_, draws), through_deviation,
                                 Accumulate::no);
  add_flipped(through_deviation, input_signs_, draws, dx);
}

void FlipoutProduct::add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                                  std::span<const uint32_t> draws) {
  Gradient& gradient = gradients_[slice];
  if (gradient.mean.empty()) {
    gradient.mean = Matrix(mean_.rows(), mean_.cols());
    gradient.deviation = Matrix(mean_.rows(), mean_.cols());
  }
  matmul_transposed(x, g, gradient.mean, precision_);
  matmul_transposed(scaled_by_draw(x, input_signs_, draws), scaled_by_draw(g, output_signs_, draws),
                    gradient.deviation, precision_);
}

// dW = W - M of one sample W:  dM += x^T g - d(dW), and d(dW) goes to W as any sample's gradient.
void FlipoutProduct::finish(Parameter& parameter) {
  Matrix dmean(parameter.rows(), parameter.cols()), ddeviation(parameter.rows(), parameter.cols());
  for (const Gradient& gradient : gradients_) {
    if (gradient.mean.empty()) continue;
    add_narrowed(gradient.mean, columns_, dmean);
    add_narrowed(gradient.deviation, columns_, ddeviation);
  }
  add_scaled(1.0f, dmean.values(), parameter.mean_gradient.values());
  add_scaled(-1.0f, ddeviation.values(), parameter.mean_gradient.values());
  parameter.posterior->backward(parameter.mean.values(), parameter.spread.values(), noise_.values(),
                                ddeviation.values(), parameter.mean_gradient.values(),
                                parameter.spread_gradient.values());
}

}  // namespace ockham
