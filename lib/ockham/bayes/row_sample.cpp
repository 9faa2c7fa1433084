#include "ockham/bayes/row_sample.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

#include "ockham/bayes/product.hpp"
#include "ockham/bayes/sampling.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"

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

/// Rows of a matrix; of an empty one none.
std::span<const float> rows_of(const Matrix& m, size_t first, size_t count) {
  return m.empty() ? std::span<const float>() : std::span(m.row(first), count * m.cols());
}
std::span<float> rows_of(Matrix& m, size_t first, size_t count) {
  return m.empty() ? std::span<float>() : std::span(m.row(first), count * m.cols());
}

void refuse_products(const Parameter& parameter) {
  if (parameter.estimator == Estimator::local || parameter.estimator == Estimator::activation) {
    fail("the estimator \"", estimator_name(parameter.estimator), "\" is not possible for ",
         parameter.path, ": its rows are looked up, not multiplied");
  }
}

}  // namespace

/// Calls body(first, count) for rows of which all that belongs to them stays in the first cache: a
/// step at the papers' size took 4% longer with all of them at once.
template <typename Body>
void RowSample::for_each_block(const Body& body) const {
  constexpr size_t kNumbers = 2048;
  const size_t block = std::max<size_t>(1, kNumbers / std::max<size_t>(1, mean_.cols()));
  for (size_t first = 0; first < mean_.rows(); first += block) {
    body(first, std::min(block, mean_.rows() - first));
  }
}

RowSample::RowSample(const Parameter& parameter, std::span<const uint32_t> rows,
                     std::span<const uint32_t> texts, const NoiseSource* noise) {
  const auto values_for = [&](bool needed) {
    return Matrix::without_values(needed ? rows.size() : 0, parameter.cols());
  };
  const bool has_noise = draws_noise(parameter, noise);
  if (has_noise) refuse_products(parameter);
  mean_ = values_for(true);
  spread_ = values_for(parameter.posterior->has_spread());
  noise_ = values_for(has_noise);
  values_ = values_for(true);
  for_each_block([&](size_t first, size_t count) {
    const auto block_texts = texts.empty() ? texts : texts.subspan(first, count);
    draw(parameter, rows.subspan(first, count), block_texts, noise, first);
  });
  zero_pruned_rows(parameter, rows, values_);
}

/// The rows from `first` on.
void RowSample::draw(const Parameter& parameter, std::span<const uint32_t> rows,
                     std::span<const uint32_t> texts, const NoiseSource* noise, size_t first) {
  const Posterior& posterior = *parameter.posterior;
  const auto part = [&](auto& m) { return rows_of(m, first, rows.size()); };
  gather_rows(parameter.mean, rows, {}, mean_.view().row_range(first, rows.size()));
  if (!spread_.empty()) {
    gather_rows(parameter.spread, rows, {}, spread_.view().row_range(first, rows.size()));
  }
  if (noise_.empty()) {
    posterior.expectation(part(mean_), part(spread_), part(values_));
    return;
  }
  std::vector<uint32_t> original(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) original[i] = parameter.row_ids[rows[i]];
  const MatrixView drawn = noise_.view().row_range(first, rows.size());
  if (noise_scope(parameter, noise) == NoiseScope::sequence) {
    noise->sequence_matrix(posterior.noise(), parameter.id, texts, original, parameter.column_ids,
                           drawn);
  } else {
    noise->matrix(posterior.noise(), parameter.id, original, parameter.column_ids, drawn);
  }
  posterior.sample(part(mean_), part(spread_), part(noise_), part(values_));
}

void RowSample::add_gradient(Parameter& parameter, std::span<const uint32_t> rows,
                             ConstMatrixView gradient) const {
  assert(gradient.rows == rows.size() && gradient.cols == mean_.cols());
  assert(gradient.stride == gradient.cols);
  const Posterior& posterior = *parameter.posterior;
  for_each_block([&](size_t first, size_t count) {
    const auto part = [&](const Matrix& m) { return rows_of(m, first, count); };
    const auto block = rows.subspan(first, count);
    // What is added to lies all over the parameter (of a step at the papers' size 2%, with bf16
    // 4%).
    prefetch_rows(parameter.mean_gradient, block);
    if (!spread_.empty()) prefetch_rows(parameter.spread_gradient, block);
    const std::span values(gradient.row(first), count * gradient.cols);
    Matrix dm(count, mean_.cols()), ds(spread_.empty() ? 0 : count, spread_.cols());
    if (noise_.empty()) {
      posterior.expectation_backward(part(mean_), part(spread_), values, dm.values(), ds.values());
    } else {
      posterior.backward(part(mean_), part(spread_), part(noise_), values, dm.values(),
                         ds.values());
    }
    scatter_add(dm, block, parameter.mean_gradient);
    if (!ds.empty()) scatter_add(ds, block, parameter.spread_gradient);
  });
}

}  // namespace ockham
