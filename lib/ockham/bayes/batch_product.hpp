#pragma once

#include <vector>

#include "ockham/bayes/product.hpp"

namespace ockham {

/// One weight sample for the whole mini-batch (what the papers' code does for weights), or, without
/// noise, the expectation.
class BatchProduct final : public Product {
 public:
  BatchProduct(const Parameter& parameter, const ProductShape& shape, const NoiseSource* noise);

  void multiply(ConstMatrixView x, std::span<const uint32_t> draws, MatrixView y,
                Accumulate accumulate) const override;
  void multiply_transposed(ConstMatrixView x, ConstMatrixView g, std::span<const uint32_t> draws,
                           MatrixView dx, Accumulate accumulate) const override;
  void add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                    std::span<const uint32_t> draws) override;
  const Matrix* shared_weights() const override { return weights_.plain(); }
  MatrixView shared_gradient(size_t slice) override;
  void finish(Parameter& parameter) override;

 private:
  BlockedColumns columns_;
  Precision precision_;
  Matrix noise_;                   // e, in the parameter's layout; empty without noise
  MatmulWeights weights_;          // W [in, out], widened
  std::vector<Matrix> gradients_;  // dW of each slice, widened
};

}  // namespace ockham
