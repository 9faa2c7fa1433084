#include "ockham/bayes/sequence_product.hpp"

#include <algorithm>
#include <numeric>

#include "ockham/bayes/sampling.hpp"
#include "ockham/tensor/indices.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// Calls body(first, count) for every run of equal numbers.
template <typename Body>
void for_each_run(std::span<const uint32_t> numbers, const Body& body) {
  for (size_t first = 0, count = 0; first < numbers.size(); first += count) {
    count = 1;
    while (first + count < numbers.size() && numbers[first + count] == numbers[first]) ++count;
    body(first, count);
  }
}

}  // namespace

SequenceProduct::SequenceProduct(const Parameter& parameter, const ProductShape& shape,
                                 const Draws& draws, const NoiseSource& noise)
    : columns_(shape.columns),
      precision_(shape.precision),
      posterior_(parameter.posterior),
      mean_(parameter.mean),
      spread_(parameter.spread),
      sample_of_(draws.texts.size()),
      gradients_(shape.slices) {
  Matrix value(parameter.rows(), parameter.cols());
  for_each_run(draws.texts, [&](size_t first, size_t count) {
    std::fill_n(sample_of_.begin() + static_cast<ptrdiff_t>(first), count,
                static_cast<uint32_t>(samples_.size()));
    Sample& sample = samples_.emplace_back();
    sample.noise = Matrix(parameter.rows(), parameter.cols());
    const std::vector<uint32_t> text(parameter.rows(), draws.texts[first]);
    noise.sequence_matrix(posterior_->noise(), parameter.id, text, parameter.row_ids,
                          parameter.column_ids, sample.noise);
    posterior_->sample(mean_.values(), spread_.values(), sample.noise.values(), value.values());
    parameter.zero_pruned(value);
    sample.weights = {widen(value, columns_, shape.rows), precision_};
  });
}

std::vector<uint32_t> SequenceProduct::samples_of(std::span<const uint32_t> draws) const {
  std::vector<uint32_t> samples;
  samples.reserve(draws.size());
  for (const uint32_t draw : draws) samples.push_back(sample_of_[draw]);
  return samples;
}

void SequenceProduct::multiply(ConstMatrixView x, std::span<const uint32_t> draws, MatrixView y,
                               Accumulate accumulate) const {
  const std::vector<uint32_t> samples = samples_of(draws);
  for_each_run(samples, [&](size_t first, size_t count) {
    samples_[samples[first]].weights.multiply(x.row_range(first, count), y.row_range(first, count),
                                              accumulate);
  });
}

void SequenceProduct::multiply_transposed(ConstMatrixView /*x*/, ConstMatrixView g,
                                          std::span<const uint32_t> draws, MatrixView dx,
                                          Accumulate accumulate) const {
  const std::vector<uint32_t> samples = samples_of(draws);
  for_each_run(samples, [&](size_t first, size_t count) {
    samples_[samples[first]].weights.multiply_transposed(g.row_range(first, count),
                                                         dx.row_range(first, count), accumulate);
  });
}

/// The chain rule goes through every sequence's own noise: dM += dW_b; e.g. dlog s += dW_b s e_b.
void SequenceProduct::add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                                   std::span<const uint32_t> draws) {
  Gradient& gradient = gradients_[slice];
  if (gradient.mean.empty()) {
    gradient.mean = Matrix(mean_.rows(), mean_.cols());
    gradient.spread = Matrix(spread_.rows(), spread_.cols());
  }
  const std::vector<uint32_t> samples = samples_of(draws);
  std::vector<uint32_t> order = counting(samples.size());
  std::ranges::stable_sort(order, {}, [&](uint32_t r) { return samples[r]; });
  std::vector<uint32_t> sorted;
  sorted.reserve(order.size());
  for (const uint32_t r : order) sorted.push_back(samples[r]);
  for_each_run(sorted, [&](size_t first, size_t count) {
    const Sample& sample = samples_[sorted[first]];
    const auto rows = std::span(order).subspan(first, count);
    Matrix wide(sample.weights.rows(), sample.weights.cols());
    matmul_transposed(rows_at(x, rows), rows_at(g, rows), wide, precision_);
    Matrix dw(mean_.rows(), mean_.cols());
    add_narrowed(wide, columns_, dw);
    posterior_->backward(mean_.values(), spread_.values(), sample.noise.values(), dw.values(),
                         gradient.mean.values(), gradient.spread.values());
  });
}

void SequenceProduct::finish(Parameter& parameter) {
  for (const Gradient& gradient : gradients_) {
    if (gradient.mean.empty()) continue;
    add_scaled(1.0f, gradient.mean.values(), parameter.mean_gradient.values());
    add_scaled(1.0f, gradient.spread.values(), parameter.spread_gradient.values());
  }
}

}  // namespace ockham
