#pragma once

#include <cstdint>
#include <span>

#include "ockham/bayes/parameter.hpp"
#include "ockham/tensor/noise.hpp"

namespace ockham {

/// Some rows of a parameter, drawn once for a mini-batch: the embeddings of its distinct words.
class RowSample {
 public:
  /// `rows`: each row at most once. `noise` null: expectations, pruned weights 0.
  RowSample(const Parameter& parameter, std::span<const uint32_t> rows, const NoiseSource* noise);

  const Matrix& values() const { return values_; }  ///< [rows, columns]
  /// Adds the gradients that dL/dvalues gives to the parameter.
  void add_gradient(Parameter& parameter, std::span<const uint32_t> rows,
                    ConstMatrixView gradient) const;

 private:
  Matrix mean_;
  Matrix spread_;
  Matrix noise_;
  Matrix values_;
};

}  // namespace ockham
