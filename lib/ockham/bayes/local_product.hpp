#pragma once

#include <vector>

#include "ockham/bayes/product.hpp"

namespace ockham {

/// Local reparametrization (Kingma, Salimans & Welling 2015) of an additive Gaussian posterior: the
/// product itself is drawn, y = x M + sqrt(v) e with v = (x * x) S^2, one number per row and
/// output. Its gradient has less variance than a weight sample's. Not for weights that act at
/// several time steps with the same noise: the covariance between the steps would be lost.
/// Needs a posterior whose spread is log s, columns without blocks, and one row a sequence; throws
/// Error for another posterior, and for weights that act over time.
class LocalProduct final : public Product {
 public:
  LocalProduct(const Parameter& parameter, const ProductShape& shape,
               std::span<const uint32_t> texts, const NoiseSource& noise);

  void multiply(ConstMatrixView x, std::span<const uint32_t> sequences, MatrixView y,
                Accumulate accumulate) const override;
  void multiply_transposed(ConstMatrixView x, ConstMatrixView g,
                           std::span<const uint32_t> sequences, MatrixView dx,
                           Accumulate accumulate) const override;
  void add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                    std::span<const uint32_t> sequences) override;
  void finish(Parameter& parameter) override;

 private:
  Matrix scaled_noise(ConstMatrixView x, std::span<const uint32_t> sequences,
                      ConstMatrixView g) const;

  Matrix mean_;      // M [in, out]
  Matrix variance_;  // S^2 [in, out]
  Matrix mean_transposed_;
  Matrix variance_transposed_;
  Matrix noise_;  // e [sequences, out]
  struct Gradient {
    Matrix mean;      // x^T g
    Matrix variance;  // (x * x)^T q
  };
  std::vector<Gradient> gradients_;
};

}  // namespace ockham
