#include "ockham/bayes/row_sample.hpp"

#include <cassert>
#include <vector>

#include "ockham/bayes/product.hpp"
#include "ockham/bayes/sampling.hpp"
#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

/// Rows are short: a kernel's call for each of them would cost more than what it does.
void scatter_add(const Matrix& from, std::span<const uint32_t> rows, Matrix& to) {
  const size_t columns = from.cols();
  for (size_t i = 0; i < rows.size(); ++i) {
    const float* __restrict values = from.row(i);
    float* __restrict sums = to.row(rows[i]);
    for (size_t j = 0; j < columns; ++j) sums[j] += values[j];
  }
}

void refuse_products(const Parameter& parameter) {
  if (parameter.estimator == Estimator::local || parameter.estimator == Estimator::activation) {
    fail("the estimator \"", estimator_name(parameter.estimator), "\" is not possible for ",
         parameter.path, ": its rows are looked up, not multiplied");
  }
}

}  // namespace

RowSample::RowSample(const Parameter& parameter, std::span<const uint32_t> rows,
                     std::span<const uint32_t> texts, const NoiseSource* noise)
    : mean_(rows_at(parameter.mean, rows)) {
  const Posterior& posterior = *parameter.posterior;
  if (posterior.has_spread()) spread_ = rows_at(parameter.spread, rows);
  values_ = Matrix::without_values(rows.size(), parameter.cols());
  if (draws_noise(parameter, noise)) {
    refuse_products(parameter);
    std::vector<uint32_t> original(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) original[i] = parameter.row_ids[rows[i]];
    noise_ = Matrix::without_values(rows.size(), parameter.cols());
    if (noise_scope(parameter, noise) == NoiseScope::sequence) {
      noise->sequence_matrix(posterior.noise(), parameter.id, texts, original, parameter.column_ids,
                             noise_);
    } else {
      noise->matrix(posterior.noise(), parameter.id, original, parameter.column_ids, noise_);
    }
    posterior.sample(mean_.values(), spread_.values(), noise_.values(), values_.values());
  } else {
    posterior.expectation(mean_.values(), spread_.values(), values_.values());
  }
  zero_pruned_rows(parameter, rows, values_);
}

void RowSample::add_gradient(Parameter& parameter, std::span<const uint32_t> rows,
                             ConstMatrixView gradient) const {
  assert(gradient.rows == rows.size() && gradient.cols == mean_.cols());
  assert(gradient.stride == gradient.cols);
  const std::span values(gradient.data, gradient.rows * gradient.cols);
  Matrix dm(mean_.rows(), mean_.cols()), ds(spread_.rows(), spread_.cols());
  if (noise_.empty()) {
    parameter.posterior->expectation_backward(mean_.values(), spread_.values(), values, dm.values(),
                                              ds.values());
  } else {
    parameter.posterior->backward(mean_.values(), spread_.values(), noise_.values(), values,
                                  dm.values(), ds.values());
  }
  scatter_add(dm, rows, parameter.mean_gradient);
  if (!ds.empty()) scatter_add(ds, rows, parameter.spread_gradient);
}

}  // namespace ockham
