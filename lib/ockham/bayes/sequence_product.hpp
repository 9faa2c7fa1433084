#pragma once

#include <vector>

#include "ockham/bayes/product.hpp"

namespace ockham {

/// A weight sample of its own for every sequence of the mini-batch, shared by all its time steps:
/// what the variational bound of a recurrent network asks for (Gal & Ghahramani 2016; Fortunato et
/// al. 2017). Sequences share no product, and memory is that of so many matrices: for small layers
/// and for judging what the cheaper estimators lose.
class SequenceProduct final : public Product {
 public:
  SequenceProduct(const Parameter& parameter, const ProductShape& shape, const Draws& draws,
                  const NoiseSource& noise);

  void multiply(ConstMatrixView x, std::span<const uint32_t> draws, MatrixView y,
                Accumulate accumulate) const override;
  void multiply_transposed(ConstMatrixView x, ConstMatrixView g, std::span<const uint32_t> draws,
                           MatrixView dx, Accumulate accumulate) const override;
  void add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                    std::span<const uint32_t> draws) override;
  void finish(Parameter& parameter) override;

 private:
  struct Sample {
    Matrix noise;           // e, in the parameter's layout
    MatmulWeights weights;  // W [in, out], widened
  };
  struct Gradient {
    Matrix mean;
    Matrix spread;
  };

  std::vector<uint32_t> samples_of(std::span<const uint32_t> draws) const;

  BlockedColumns columns_;
  Precision precision_;
  std::shared_ptr<const Posterior> posterior_;
  Matrix mean_;
  Matrix spread_;
  std::vector<Sample> samples_;      // of each text
  std::vector<uint32_t> sample_of_;  // of each draw
  std::vector<Gradient> gradients_;  // of each slice
};

}  // namespace ockham
