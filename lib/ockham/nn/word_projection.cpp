#include "ockham/nn/word_projection.hpp"

#include <algorithm>

#include "ockham/nn/word_sums.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

constexpr uint32_t kOneText[] = {0};

/// The number in the data of each distinct word's text.
std::vector<uint32_t> texts_of(const DistinctWords& distinct, const Draws& draws) {
  std::vector<uint32_t> texts;
  texts.reserve(distinct.draws.size());
  for (const uint32_t draw : distinct.draws) texts.push_back(draws.texts[draw]);
  return texts;
}

}  // namespace

WordProjection::WordProjection(const Network& network, const TokenBatch& batch,
                               const BatchLayout& layout, const NoiseSource* noise,
                               ThreadPool& pool, Precision precision)
    : batch_(batch), layout_(layout), draws_(draws_of_inputs(batch, layout.scope)) {
  if (network.input_multiplier) z_inputs_.emplace(*network.input_multiplier, kOneText, noise);
  if (network.word_multiplier && draws_noise(*network.word_multiplier, noise)) {
    z_words_.emplace(*network.word_multiplier, texts_of_tokens(batch), batch.words, *noise, pool);
  }
  draw(network, noise, precision, pool);
  projected_ = products_->multiply(inputs_, layout.distinct.draws, pool);
}

void WordProjection::draw(const Network& network, const NoiseSource* noise, Precision precision,
                          ThreadPool& pool) {
  const std::vector<uint32_t> texts = texts_of(layout_.distinct, draws_);
  std::vector<std::optional<Part>> parts(InputProducts::kParts);
  inputs_ = Matrix::without_values(layout_.distinct.words.size(), network.embedding.cols());
  // The weights are one more piece of work: all threads would wait for the one that draws them.
  pool.for_each(1 + parts.size(), [&](size_t i) {
    if (i > 0) {
      parts[i - 1].emplace(draw_part(i - 1, network, texts, noise));
    } else {
      products_.emplace(network.layers[0], network.cell, draws_, false, noise, precision);
    }
  });
  for (std::optional<Part>& part : parts) parts_.push_back(std::move(*part));
}

WordProjection::Part WordProjection::draw_part(size_t number, const Network& network,
                                               std::span<const uint32_t> texts,
                                               const NoiseSource* noise) {
  const DistinctWords& distinct = layout_.distinct;
  const RowPart rows = row_part(distinct.words.size(), number);
  const std::span<const uint32_t> words = part_of(distinct.words, rows);
  Part part{rows, words, {network.embedding, words, part_of(texts, rows), noise}, {}};
  if (network.word_multiplier && !z_words_) {
    part.z_mean.emplace(*network.word_multiplier, words, std::span<const uint32_t>(), nullptr);
  }
  multiply_inputs(part);
  return part;
}

void WordProjection::multiply_inputs(const Part& part) {
  const float* z_inputs = z_inputs_ ? z_inputs_->values().data() : nullptr;
  const size_t columns = inputs_.cols();
  for (size_t w = 0; w < part.rows.count; ++w) {
    const float* embedding = part.embedding.values().row(w);
    const float z_word = part.z_mean ? part.z_mean->values()(w, 0) : 1.0f;
    float* input = inputs_.row(part.rows.first + w);
    for (size_t j = 0; j < columns; ++j) input[j] = z_word * embedding[j];
    if (z_inputs == nullptr) continue;
    for (size_t j = 0; j < columns; ++j) input[j] *= z_inputs[j];
  }
}

void WordProjection::gather(size_t direction, size_t first, size_t count, MatrixView sums) const {
  const ConstMatrixView table = projected_.view().column_range(products_->first_column(direction),
                                                               products_->width(direction));
  std::vector<uint32_t> index(count);
  std::vector<float> factor(z_words_ ? count : 0);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t token = layout_.packed.token_at[direction][first + i];
    index[i] = layout_.distinct.number[token];
    if (z_words_) factor[i] = z_words_->values()[token];
  }
  gather_rows(table, index, factor, sums.row_range(first, count));
}

void WordProjection::sum_by_word(std::span<const Matrix* const> sums_gradients, ThreadPool& pool,
                                 Matrix& dp, std::vector<float>& dz) const {
  const DistinctWords& distinct = layout_.distinct;
  const size_t directions = products_->directions(), parts = parts_.size();
  // By direction first, as the recurrence was: what is summed is in the cache of the thread that
  // wrote it. With all directions to a part, two threads took as long as one.
  std::vector<std::vector<float>> inner(directions, std::vector<float>(dz.size()));
  pool.for_each(directions * parts, [&](size_t i) {
    const size_t d = i / parts, first = products_->first_column(d), width = products_->width(d);
    const RowPart& part = parts_[i % parts].rows;
    sum_words({.begin = distinct.begin,
               .tokens = distinct.by_word,
               .row_of = layout_.packed.row_of[d],
               .multiplier = z_words_ ? std::span(z_words_->values()) : std::span<const float>(),
               .gradients = *sums_gradients[d],
               .projected = projected_.view().column_range(first, width),
               .sums = dp.view().column_range(first, width),
               .inner = inner[d]},
              part.first, part.count);
  });
  for (const std::vector<float>& of_direction : inner) add_scaled(1.0f, of_direction, dz);
}

void WordProjection::backward(Network& network, std::span<const Matrix* const> sums_gradients,
                              ThreadPool& pool) {
  Matrix dp = Matrix::without_values(projected_.rows(), projected_.cols());
  std::vector<float> dz(z_words_ ? batch_.words.size() : 0, 0.0f);
  sum_by_word(sums_gradients, pool, dp, dz);
  if (z_words_) {
    z_words_->add_gradient(*network.word_multiplier, batch_.words, dz, layout_.distinct.place,
                           pool);
  }

  const std::vector<uint32_t>& draws = layout_.distinct.draws;
  Matrix dx = products_->backward(inputs_, dp, draws, pool);
  if (z_inputs_) take_input_gradient(*network.input_multiplier, dx);
  const auto take = [&](size_t i) {  // the weights first, then the parts
    if (i == 0) return products_->finish(network.layers[0]);
    take_word_gradients(parts_[i - 1], network, dx);
  };
  if (draws.empty()) {
    pool.for_each(1 + parts_.size(), take);
  } else {  // a word may stand in several parts
    for (size_t i = 0; i <= parts_.size(); ++i) take(i);
  }
}

void WordProjection::take_input_gradient(Parameter& multiplier, Matrix& dx) const {
  Matrix dz(1, dx.cols());
  const std::span<const float> z = z_inputs_->values().view().row_span(0);
  for (const Part& part : parts_) {
    for (size_t w = 0; w < part.rows.count; ++w) {
      const float* embedding = part.embedding.values().row(w);
      const float z_word = part.z_mean ? part.z_mean->values()(w, 0) : 1.0f;
      float* d = dx.row(part.rows.first + w);
      for (size_t j = 0; j < dx.cols(); ++j) {
        dz(0, j) += d[j] * z_word * embedding[j];
        d[j] *= z[j];
      }
    }
  }
  z_inputs_->add_gradient(multiplier, dz);
}

void WordProjection::take_word_gradients(const Part& part, Network& network, Matrix& dx) const {
  if (part.z_mean) {
    Matrix dz(part.rows.count, 1);
    for (size_t w = 0; w < part.rows.count; ++w) {
      const float* embedding = part.embedding.values().row(w);
      const float z_word = part.z_mean->values()(w, 0);
      float* d = dx.row(part.rows.first + w);
      for (size_t j = 0; j < dx.cols(); ++j) {
        dz(w, 0) += d[j] * embedding[j];
        d[j] *= z_word;
      }
    }
    part.z_mean->add_gradient(*network.word_multiplier, part.words, dz);
  }
  part.embedding.add_gradient(network.embedding, part.words,
                              dx.view().row_range(part.rows.first, part.rows.count));
}

}  // namespace ockham
