#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ockham/bayes/parameter.hpp"
#include "ockham/tensor/noise.hpp"
#include "ockham/tensor/thread_pool.hpp"

namespace ockham {

/// Group multipliers z [sequences, groups] of one mini-batch: one sample per sequence and group,
/// shared by all time steps. The parameter is a row [1, groups].
class MultiplierSample {
 public:
  /// `texts`: the sequences' numbers in the data. `noise` null: expectations, pruned groups 0.
  MultiplierSample(const Parameter& parameter, std::span<const uint32_t> texts,
                   const NoiseSource* noise);

  const Matrix& values() const { return values_; }
  /// Adds the gradients that dL/dz [sequences, groups] gives to the parameter.
  void add_gradient(Parameter& parameter, ConstMatrixView dz) const;

 private:
  Matrix noise_;
  Matrix values_;
};

/// One multiplier for each token, with noise: that of its (text, word) pair, the same wherever the
/// word stands in the text. The parameter is a column [words, 1]. (Without noise the multiplier is
/// the word's alone: a RowSample.)
class WordMultiplierSample {
 public:
  /// `texts` and `words` [tokens]: the text's number in the data and the word's row.
  WordMultiplierSample(const Parameter& parameter, std::span<const uint32_t> texts,
                       std::span<const uint32_t> words, const NoiseSource& noise, ThreadPool& pool);

  std::span<const float> values() const { return values_; }
  /// Adds the gradients that dL/dz gives to the parameter; `words` as before. That of token i is
  /// dz[place[i]]: whoever makes dz has the tokens grouped by word.
  void add_gradient(Parameter& parameter, std::span<const uint32_t> words,
                    std::span<const float> dz, std::span<const uint32_t> place,
                    ThreadPool& pool) const;

 private:
  std::vector<float> noise_;
  std::vector<float> values_;
};

}  // namespace ockham
