#include "ockham/bayes/batch_product.hpp"

#include "ockham/bayes/sampling.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {

BatchProduct::BatchProduct(const Parameter& parameter, const ProductShape& shape,
                           const NoiseSource* noise)
    : columns_(shape.columns), precision_(shape.precision), gradients_(shape.slices) {
  Matrix value;
  if (draws_noise(parameter, noise)) {
    noise_ = Matrix(parameter.rows(), parameter.cols());
    noise->matrix(parameter.posterior->noise(), parameter.id, parameter.row_ids,
                  parameter.column_ids, noise_);
    value = Matrix(parameter.rows(), parameter.cols());
    parameter.posterior->sample(parameter.mean.values(), parameter.spread.values(), noise_.values(),
                                value.values());
    parameter.zero_pruned(value);
  } else {
    value = parameter.expectation();
  }
  weights_ = {widen(value, columns_, shape.rows), precision_};
}

void BatchProduct::multiply(ConstMatrixView x, std::span<const uint32_t> /*draws*/, MatrixView y,
                            Accumulate accumulate) const {
  weights_.multiply(x, y, accumulate);
}

void BatchProduct::multiply_transposed(ConstMatrixView /*x*/, ConstMatrixView g,
                                       std::span<const uint32_t> /*draws*/, MatrixView dx,
                                       Accumulate accumulate) const {
  weights_.multiply_transposed(g, dx, accumulate);
}

void BatchProduct::add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                                std::span<const uint32_t> /*draws*/) {
  matmul_transposed(x, g, shared_gradient(slice), precision_);
}

MatrixView BatchProduct::shared_gradient(size_t slice) {
  Matrix& gradient = gradients_[slice];
  if (gradient.empty()) gradient = Matrix(weights_.rows(), weights_.cols());
  return gradient;
}

void BatchProduct::finish(Parameter& parameter) {
  Matrix gradient(parameter.rows(), parameter.cols());
  for (const Matrix& part : gradients_) {
    if (!part.empty()) add_narrowed(part, columns_, gradient);
  }
  if (noise_.empty()) {
    parameter.posterior->expectation_backward(parameter.mean.values(), parameter.spread.values(),
                                              gradient.values(), parameter.mean_gradient.values(),
                                              parameter.spread_gradient.values());
  } else {
    parameter.posterior->backward(
        parameter.mean.values(), parameter.spread.values(), noise_.values(), gradient.values(),
        parameter.mean_gradient.values(), parameter.spread_gradient.values());
  }
}

}  // namespace ockham
