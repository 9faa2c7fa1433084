#pragma once

#include <cstdint>
#include <span>

#include "ockham/bayes/parameter.hpp"
#include "ockham/tensor/noise.hpp"

namespace ockham {

/// Some rows of a parameter as a mini-batch sees them: the embeddings of its words. One sample for
/// the mini-batch, or, by Estimator::sequence, one for each text; so by Estimator::flipout too: no
/// product is saved here, and independent samples are what flipout stands for.
class RowSample {
 public:
  /// `rows` with, where their noise_scope() is the sequence, the texts [rows] that they are drawn
  /// for (numbers in the data; unused otherwise): the same row and text are the same sample.
  /// `noise` null: expectations, pruned weights 0. Throws Error where noise is
  /// drawn by Estimator::local or Estimator::activation: nothing is multiplied here.
  RowSample(const Parameter& parameter, std::span<const uint32_t> rows,
            std::span<const uint32_t> texts, const NoiseSource* noise);

  const Matrix& values() const { return values_; }  ///< [rows, columns]
  /// Adds the gradients that dL/dvalues [rows, columns], without gaps, gives to the parameter;
  /// `rows` as before. Samples without a row in common may do so at once.
  void add_gradient(Parameter& parameter, std::span<const uint32_t> rows,
                    ConstMatrixView gradient) const;

 private:
  void draw(const Parameter& parameter, std::span<const uint32_t> rows,
            std::span<const uint32_t> texts, const NoiseSource* noise, size_t first);
  template <typename Body>
  void for_each_block(const Body& body) const;

  Matrix mean_;
  Matrix spread_;
  Matrix noise_;
  Matrix values_;
};

}  // namespace ockham
