#pragma once

#include <vector>

#include "ockham/bayes/product.hpp"

namespace ockham {

/// Flipout (Wen, Vicol, Ba, Tran & Grosse 2018): one weight sample for the mini-batch whose
/// deviation from the mean every sequence sees with signs of its own, shared by its time steps:
///     W_b = M + dW * (t_b^T r_b),   dW = W - M;   y = x M + ((x * t_b) dW) * r_b
/// A sequence's weights are distributed as by themselves, and those of two sequences are
/// uncorrelated, for two products in place of one. Throws Error for a posterior whose noise is not
/// as likely with either sign.
class FlipoutProduct final : public Product {
 public:
  FlipoutProduct(const Parameter& parameter, const ProductShape& shape, const Draws& draws,
                 const NoiseSource& noise);

  void multiply(ConstMatrixView x, std::span<const uint32_t> draws, MatrixView y,
                Accumulate accumulate) const override;
  void multiply_transposed(ConstMatrixView x, ConstMatrixView g, std::span<const uint32_t> draws,
                           MatrixView dx, Accumulate accumulate) const override;
  void add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                    std::span<const uint32_t> draws) override;
  void finish(Parameter& parameter) override;

 private:
  BlockedColumns columns_;
  Precision precision_;
  Matrix noise_;             // e, in the parameter's layout
  MatmulWeights mean_;       // M [in, out], widened as all below
  MatmulWeights deviation_;  // dW [in, out]
  Matrix input_signs_;       // t [draws, in]
  Matrix output_signs_;      // r [draws, out]
  struct Gradient {
    Matrix mean;       // x^T g
    Matrix deviation;  // (x * t)^T (g * r)
  };
  std::vector<Gradient> gradients_;
};

}  // namespace ockham
