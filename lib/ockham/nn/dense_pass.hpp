#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "ockham/bayes/multiplier.hpp"
#include "ockham/bayes/product.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// x W + b for the texts of one mini-batch, with W as it was drawn: the output layer, and a dense
/// layer before its activation. Weights act once a text, so that local reparametrization is exact.
class AffinePass {
 public:
  /// `texts`: the sequences' numbers in the data. `noise` null: expectations. Throws Error where
  /// the estimator cannot serve the posterior (draw_product()).
  AffinePass(const Parameter& weight, const Parameter& bias, std::span<const uint32_t> texts,
             const NoiseSource* noise);

  /// y = x W + b.  x [texts, inputs], y [texts, outputs]
  void forward(ConstMatrixView x, MatrixView y) const;

  /// From dy = dL/dy [texts, outputs] of the rows x adds db and what W's posterior makes of x^T dy
  /// to the parameters, those of the constructor; gives back dx [texts, inputs]. Once.
  Matrix backward(ConstMatrixView x, ConstMatrixView dy, Parameter& weight, Parameter& bias);

 private:
  std::vector<uint32_t> draws_;  // 0, 1, ...: every text is a draw
  std::unique_ptr<Product> product_;
  std::vector<float> bias_;
};

/// A dense layer for the texts of one mini-batch:
///     h = max(0, x W + b);   y = z h
/// forward() once, then, where gradients are wanted, backward() once.
class DensePass {
 public:
  /// `texts`: the sequences' numbers in the data. `noise` null: expectations. Throws Error where
  /// the weights' estimator cannot serve their posterior (draw_product()).
  DensePass(const DenseLayer& layer, std::span<const uint32_t> texts, const NoiseSource* noise);

  /// Takes x [texts, inputs]; keeps it for backward.
  void forward(Matrix x);
  const Matrix& output() const { return output_; }  ///< y [texts, units]

  /// From dy = dL/dy [texts, units]:  dz += h dy;   dh = z dy;   da = dh where h > 0. Adds the
  /// gradients to the parameters of `layer`, the one it was made from; gives back dx [texts,
  /// inputs].
  Matrix backward(Matrix dy, DenseLayer& layer);

 private:
  AffinePass affine_;
  std::optional<MultiplierSample> multiplier_;
  Matrix input_;
  Matrix hidden_;  // h
  Matrix output_;
};

}  // namespace ockham
