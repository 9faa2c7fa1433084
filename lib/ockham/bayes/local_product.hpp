#pragma once

#include <vector>

#include "ockham/bayes/product.hpp"

namespace ockham {

/// Local reparametrization (Kingma, Salimans & Welling 2015) of a Gaussian posterior: the product
/// itself is drawn, y = x M + sqrt(v) e with v = (x * x) V, V the weights' variances, one number a
/// draw and output. Its gradient has less variance than a weight sample's. A draw is one use of the
/// weights: a text where they act once on it, else a token. Not for weights that act at several
/// time steps with the same noise: the covariance between the steps would be lost.
/// Throws Error for a posterior that is not Gaussian, and for weights that act over time.
class LocalProduct final : public Product {
 public:
  LocalProduct(const Parameter& parameter, const ProductShape& shape, const Draws& draws,
               const NoiseSource& noise);

  void multiply(ConstMatrixView x, std::span<const uint32_t> draws, MatrixView y,
                Accumulate accumulate) const override;
  void multiply_transposed(ConstMatrixView x, ConstMatrixView g, std::span<const uint32_t> draws,
                           MatrixView dx, Accumulate accumulate) const override;
  void add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                    std::span<const uint32_t> draws) override;
  void finish(Parameter& parameter) override;

 private:
  Matrix variance_gradient(ConstMatrixView x, std::span<const uint32_t> draws,
                           ConstMatrixView g) const;

  BlockedColumns columns_;
  Precision precision_;
  MatmulWeights mean_;      // M [in, out], widened as all below
  MatmulWeights variance_;  // V [in, out]
  Matrix noise_;            // e [draws, out]
  struct Gradient {
    Matrix mean;      // dM = x^T g
    Matrix variance;  // dV = (x * x)^T dv
  };
  std::vector<Gradient> gradients_;
};

}  // namespace ockham
