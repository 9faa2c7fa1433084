#include "ockham/nn/input_products.hpp"

#include <algorithm>

namespace ockham {
namespace {

std::vector<uint32_t> steps_of_tokens(const TokenBatch& batch) {
  std::vector<uint32_t> steps;
  steps.reserve(batch.words.size());
  for (size_t b = 0; b < batch.size(); ++b) {
    for (uint32_t t = 0; t < batch.length(b); ++t) steps.push_back(t);
  }
  return steps;
}

}  // namespace

RowPart row_part(size_t rows, size_t i) {
  const size_t size = (rows + InputProducts::kParts - 1) / InputProducts::kParts;
  const size_t first = std::min(i * size, rows);
  return {first, std::min(size, rows - first)};
}

std::span<const uint32_t> part_of(std::span<const uint32_t> numbers, const RowPart& part) {
  return numbers.empty() ? numbers : numbers.subspan(part.first, part.count);
}

NoiseScope input_scope(const RecurrentLayer& layer, const NoiseSource* noise) {
  NoiseScope scope = NoiseScope::batch;
  for (const RecurrentDirection& direction : layer.directions) {
    scope = std::max(scope, noise_scope(direction.weight_ih, noise));
  }
  return scope;
}

std::vector<uint32_t> texts_of_tokens(const TokenBatch& batch) {
  std::vector<uint32_t> texts;
  texts.reserve(batch.words.size());
  for (size_t b = 0; b < batch.size(); ++b) {
    texts.insert(texts.end(), batch.length(b), batch.texts[b]);
  }
  return texts;
}

Draws draws_of_inputs(const TokenBatch& batch, NoiseScope scope) {
  if (scope == NoiseScope::row) return {texts_of_tokens(batch), steps_of_tokens(batch)};
  return {batch.texts, {}};
}

InputProducts::InputProducts(const RecurrentLayer& layer, Cell cell, const Draws& draws,
                             bool over_time, const NoiseSource* noise, Precision precision) {
  for (const RecurrentDirection& direction : layer.directions) {
    const BlockedColumns gates = padded_blocks(gates_of(cell), direction.hidden());
    products_.push_back(draw_product(direction.weight_ih,
                                     {.columns = gates,
                                      .rows = direction.weight_ih.rows(),
                                      .slices = kParts,
                                      .over_time = over_time,
                                      .precision = precision},
                                     draws, noise));
    columns_.push_back(columns_.back() + gates.wide());
  }
}

Matrix InputProducts::multiply(const Matrix& x, std::span<const uint32_t> draws,
                               ThreadPool& pool) const {
  Matrix projected;
  projected.reshape(x.rows(), columns());
  // By direction first, as the recurrence is, which reads them: threads keep to what they wrote.
  pool.for_each(products_.size() * kParts, [&](size_t i) {
    const RowPart part = row_part(x.rows(), i % kParts);
    const size_t d = i / kParts;
    products_[d]->multiply(
        x.view().row_range(part.first, part.count), part_of(draws, part),
        projected.view().row_range(part.first, part.count).column_range(first_column(d), width(d)),
        Accumulate::no);
  });
  return projected;
}

Matrix InputProducts::backward(const Matrix& x, const Matrix& dp, std::span<const uint32_t> draws,
                               ThreadPool& pool) {
  Matrix dx = Matrix::without_values(x.rows(), x.cols());
  pool.for_each(kParts, [&](size_t i) {
    const RowPart part = row_part(x.rows(), i);
    const ConstMatrixView x_part = x.view().row_range(part.first, part.count);
    const auto part_draws = part_of(draws, part);
    for (size_t d = 0; d < products_.size(); ++d) {
      const ConstMatrixView g =
          dp.view().row_range(part.first, part.count).column_range(first_column(d), width(d));
      products_[d]->add_gradient(i, x_part, g, part_draws);
      products_[d]->multiply_transposed(x_part, g, part_draws,
                                        dx.view().row_range(part.first, part.count),
                                        d == 0 ? Accumulate::no : Accumulate::yes);
    }
  });
  return dx;
}

void InputProducts::finish(RecurrentLayer& layer) {
  for (size_t d = 0; d < products_.size(); ++d) {
    products_[d]->finish(layer.directions[d].weight_ih);
  }
}

}  // namespace ockham
