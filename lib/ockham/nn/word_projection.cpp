#include "ockham/nn/word_projection.hpp"

#include <algorithm>
#include <numeric>

#include "ockham/nn/word_sums.hpp"
#include "ockham/tensor/indices.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

constexpr uint32_t kOneText[] = {0};

/// The nearest scope among what a word's input is made of, its multiplier apart.
NoiseScope word_scope(const Network& network, const NoiseSource* noise) {
  return std::max(noise_scope(network.embedding, noise), input_scope(network.layers[0], noise));
}

/// The number in the data of each distinct word's text.
std::vector<uint32_t> texts_of(const DistinctWords& distinct, const Draws& draws) {
  std::vector<uint32_t> texts;
  texts.reserve(distinct.draws.size());
  for (const uint32_t draw : distinct.draws) texts.push_back(draws.texts[draw]);
  return texts;
}

}  // namespace

DistinctWords::DistinctWords(const TokenBatch& batch, size_t vocabulary, NoiseScope scope)
    : number(batch.words.size()), by_word(batch.words.size()) {
  if (scope == NoiseScope::row) {
    words = batch.words;
    draws = number = by_word = counting(words.size());
    begin = counting(words.size() + 1);
    return;
  }
  const bool by_sequence = scope == NoiseScope::sequence;
  // A word's number holds if it was given in this sequence or, where they share it, in any.
  std::vector<uint32_t> number_of(vocabulary, 0);
  std::vector<uint32_t> count;
  for (uint32_t b = 0; b < batch.size(); ++b) {
    const auto first = by_sequence ? static_cast<uint32_t>(words.size()) : 0;
    for (size_t i = batch.offsets[b]; i < batch.offsets[b + 1]; ++i) {
      const uint32_t word = batch.words[i];
      uint32_t& n = number_of[word];
      if (n < first || n >= words.size() || words[n] != word) {
        n = static_cast<uint32_t>(words.size());
        words.push_back(word);
        if (by_sequence) draws.push_back(b);
        count.push_back(0);
      }
      number[i] = n;
      ++count[n];
    }
  }
  begin.assign(words.size() + 1, 0);
  std::partial_sum(count.begin(), count.end(), begin.begin() + 1);
  std::vector<uint32_t> next(begin.begin(), begin.end() - 1);
  for (uint32_t i = 0; i < number.size(); ++i) by_word[next[number[i]]++] = i;
}

WordProjection::WordProjection(const Network& network, const TokenBatch& batch,
                               const NoiseSource* noise, ThreadPool& pool, Precision precision)
    : batch_(batch),
      draws_(draws_of_inputs(batch, word_scope(network, noise))),
      distinct_(batch, network.embedding.rows(), word_scope(network, noise)),
      products_(network.layers[0], network.cell, draws_, false, noise, precision) {
  if (network.input_multiplier) z_inputs_.emplace(*network.input_multiplier, kOneText, noise);
  inputs_ = draw_inputs(network, noise, pool);
  if (network.word_multiplier) {
    z_words_.emplace(*network.word_multiplier, texts_of_tokens(batch), batch.words, noise);
  }
  projected_ = products_.multiply(inputs_, distinct_.draws, pool);
}

Matrix WordProjection::draw_inputs(const Network& network, const NoiseSource* noise,
                                   ThreadPool& pool) {
  const size_t words = distinct_.words.size();
  const std::vector<uint32_t> texts = texts_of(distinct_, draws_);
  std::vector<std::optional<RowSample>> parts(InputProducts::kParts);
  Matrix inputs(words, network.embedding.cols());
  pool.for_each(parts.size(), [&](size_t i) {
    const RowPart part = row_part(words, i);
    parts[i].emplace(network.embedding, part_of(distinct_.words, part), part_of(texts, part),
                     noise);
    for (size_t w = 0; w < part.count; ++w) {
      const std::span<float> input = inputs.view().row_span(part.first + w);
      std::ranges::copy(parts[i]->values().view().row_span(w), input.begin());
      if (z_inputs_) multiply(z_inputs_->values().view().row_span(0), input);
    }
  });
  for (std::optional<RowSample>& part : parts) embeddings_.push_back(std::move(*part));
  return inputs;
}

void WordProjection::gather(const PackedBatch& packed, size_t direction, size_t first, size_t count,
                            MatrixView sums) const {
  const ConstMatrixView table =
      projected_.view().column_range(products_.first_column(direction), products_.width(direction));
  std::vector<uint32_t> index(count);
  std::vector<float> factor(z_words_ ? count : 0);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t token = packed.token_at[direction][first + i];
    index[i] = distinct_.number[token];
    if (z_words_) factor[i] = z_words_->values()[token];
  }
  gather_rows(table, index, factor, sums.row_range(first, count));
}

void WordProjection::sum_by_word(const PackedBatch& packed,
                                 std::span<const Matrix* const> sums_gradients, ThreadPool& pool,
                                 Matrix& dp, std::vector<float>& dz) const {
  pool.for_each(InputProducts::kParts, [&](size_t i) {
    const RowPart part = row_part(distinct_.words.size(), i);
    for (size_t d = 0; d < products_.directions(); ++d) {
      const size_t first = products_.first_column(d), width = products_.width(d);
      sum_words({.begin = distinct_.begin,
                 .tokens = distinct_.by_word,
                 .row_of = packed.row_of[d],
                 .multiplier = z_words_ ? std::span(z_words_->values()) : std::span<const float>(),
                 .gradients = *sums_gradients[d],
                 .projected = projected_.view().column_range(first, width),
                 .sums = dp.view().column_range(first, width),
                 .inner = dz},
                part.first, part.count);
    }
  });
}

void WordProjection::backward(Network& network, const PackedBatch& packed,
                              std::span<const Matrix* const> sums_gradients, ThreadPool& pool) {
  Matrix dp(projected_.rows(), projected_.cols());
  std::vector<float> dz(z_words_ ? batch_.words.size() : 0, 0.0f);
  sum_by_word(packed, sums_gradients, pool, dp, dz);
  if (z_words_) z_words_->add_gradient(*network.word_multiplier, batch_.words, dz);

  Matrix dx = products_.backward(network.layers[0], inputs_, dp, distinct_.draws, pool);
  if (z_inputs_) take_input_gradient(*network.input_multiplier, dx);
  const auto add_part = [&](size_t i) {
    const RowPart part = row_part(distinct_.words.size(), i);
    embeddings_[i].add_gradient(network.embedding, part_of(distinct_.words, part),
                                dx.view().row_range(part.first, part.count));
  };
  if (distinct_.draws.empty()) {
    pool.for_each(embeddings_.size(), add_part);
  } else {  // a word may stand in several parts
    for (size_t i = 0; i < embeddings_.size(); ++i) add_part(i);
  }
}

void WordProjection::take_input_gradient(Parameter& multiplier, Matrix& dx) const {
  Matrix dz(1, dx.cols());
  const std::span<const float> z = z_inputs_->values().view().row_span(0);
  for (size_t i = 0; i < embeddings_.size(); ++i) {
    const RowPart part = row_part(dx.rows(), i);
    for (size_t w = 0; w < part.count; ++w) {
      const float* embedding = embeddings_[i].values().row(w);
      float* d = dx.row(part.first + w);
      for (size_t j = 0; j < dx.cols(); ++j) {
        dz(0, j) += d[j] * embedding[j];
        d[j] *= z[j];
      }
    }
  }
  z_inputs_->add_gradient(multiplier, dz);
}

}  // namespace ockham
