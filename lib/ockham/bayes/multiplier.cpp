#include "ockham/bayes/multiplier.hpp"

#include <algorithm>

#include "ockham/bayes/product.hpp"
#include "ockham/bayes/sampling.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// A number a row, as zero_pruned_rows() takes them.
MatrixView as_column(std::span<float> values) {
  return {values.data(), values.size(), 1, 1};
}

std::vector<float> gather(std::span<const float> values, std::span<const uint32_t> index) {
  std::vector<float> gathered;
  if (values.empty()) return gathered;
  gathered.reserve(index.size());
  for (const uint32_t i : index) gathered.push_back(values[i]);
  return gathered;
}

void scatter_add(std::span<const float> values, std::span<const uint32_t> index,
                 std::span<float> to) {
  for (size_t i = 0; i < values.size(); ++i) to[index[i]] += values[i];
}

constexpr size_t kTokens = 2048;  // that a thread takes at a time

/// Runs `work` of the first token and the number of tokens of each part.
template <typename Work>
void for_each_part(size_t tokens, ThreadPool& pool, const Work& work) {
  pool.for_each((tokens + kTokens - 1) / kTokens, [&](size_t i) {
    const size_t first = i * kTokens;
    work(first, std::min(kTokens, tokens - first));
  });
}

}  // namespace

MultiplierSample::MultiplierSample(const Parameter& parameter, std::span<const uint32_t> texts,
                                   const NoiseSource* noise)
    : values_(texts.size(), parameter.cols()) {
  if (!draws_noise(parameter, noise)) {
    const Matrix value = parameter.expectation();
    for (size_t r = 0; r < texts.size(); ++r) {
      std::copy_n(value.data(), value.size(), values_.row(r));
    }
    return;
  }
  noise_ = Matrix(texts.size(), parameter.cols());
  noise->matrix(parameter.posterior->noise(), parameter.id, texts, parameter.column_ids, noise_);
  for (size_t r = 0; r < texts.size(); ++r) {
    parameter.posterior->sample(parameter.mean.values(), parameter.spread.values(),
                                noise_.view().row_span(r), values_.view().row_span(r));
    parameter.zero_pruned(values_.view().row_range(r, 1));
  }
}

void MultiplierSample::add_gradient(Parameter& parameter, ConstMatrixView dz) const {
  if (noise_.empty()) {  // all sequences have one value: its slope is worked out once
    Matrix sum(1, dz.cols);
    for (size_t r = 0; r < dz.rows; ++r) add_scaled(1.0f, dz.row_span(r), sum.values());
    parameter.posterior->expectation_backward(parameter.mean.values(), parameter.spread.values(),
                                              sum.values(), parameter.mean_gradient.values(),
                                              parameter.spread_gradient.values());
    return;
  }
  for (size_t r = 0; r < dz.rows; ++r) {
    parameter.posterior->backward(
        parameter.mean.values(), parameter.spread.values(), noise_.view().row_span(r),
        dz.row_span(r), parameter.mean_gradient.values(), parameter.spread_gradient.values());
  }
}

WordMultiplierSample::WordMultiplierSample(const Parameter& parameter,
                                           std::span<const uint32_t> texts,
                                           std::span<const uint32_t> words,
                                           const NoiseSource& noise, ThreadPool& pool)
    : noise_(words.size()), values_(words.size()) {
  for_each_part(words.size(), pool, [&](size_t first, size_t count) {
    const auto of_part = words.subspan(first, count);
    std::vector<uint32_t> original(count);
    for (size_t i = 0; i < count; ++i) original[i] = parameter.row_ids[of_part[i]];
    const auto drawn = std::span(noise_).subspan(first, count);
    noise.pairs(parameter.posterior->noise(), parameter.id, texts.subspan(first, count), original,
                drawn);
    const auto values = std::span(values_).subspan(first, count);
    parameter.posterior->sample(gather(parameter.mean.values(), of_part),
                                gather(parameter.spread.values(), of_part), drawn, values);
    zero_pruned_rows(parameter, of_part, as_column(values));
  });
}

void WordMultiplierSample::add_gradient(Parameter& parameter, std::span<const uint32_t> words,
                                        std::span<const float> dz, std::span<const uint32_t> place,
                                        ThreadPool& pool) const {
  std::vector<float> dm(words.size()), ds(parameter.spread.empty() ? 0 : words.size());
  for_each_part(words.size(), pool, [&](size_t first, size_t count) {
    const auto of_part = words.subspan(first, count);
    parameter.posterior->backward(
        gather(parameter.mean.values(), of_part), gather(parameter.spread.values(), of_part),
        std::span(noise_).subspan(first, count), gather(dz, place.subspan(first, count)),
        std::span(dm).subspan(first, count),
        ds.empty() ? std::span<float>() : std::span(ds).subspan(first, count));
  });
  scatter_add(dm, words, parameter.mean_gradient.values());
  scatter_add(ds, words, parameter.spread_gradient.values());
}

}  // namespace ockham
