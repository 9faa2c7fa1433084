#pragma once

#include <vector>

#include "ockham/bayes/product.hpp"

namespace ockham {

/// Multiplicative noise on what is multiplied in place of the weights (Srivastava et al. 2014;
/// Kingma, Salimans & Welling 2015, section 3.1):
///     y = (x * xi) M,   xi = 1 + sqrt(alpha) e,   one number a sequence and input
/// shared by the sequence's time steps (Gal & Ghahramani 2016). All weights of an input, a row of
/// M, share its noise and so their alpha. Throws Error for a posterior that is not multiplicative
/// and where a row has several alphas.
class ActivationProduct final : public Product {
 public:
  ActivationProduct(const Parameter& parameter, const ProductShape& shape, const Draws& draws,
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
  Matrix noise_;        // e [draws, parameter's rows]
  Matrix factors_;      // xi [draws, in]
  MatmulWeights mean_;  // M [in, out], widened
  struct Gradient {
    Matrix mean;     // (x * xi)^T g
    Matrix factors;  // dxi [draws, in]
  };
  std::vector<Gradient> gradients_;
};

}  // namespace ockham
