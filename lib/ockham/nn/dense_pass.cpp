#include "ockham/nn/dense_pass.hpp"

#include <algorithm>
#include <utility>

#include "ockham/tensor/indices.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {

AffinePass::AffinePass(const Parameter& weight, const Parameter& bias,
                       std::span<const uint32_t> texts, const NoiseSource* noise)
    : draws_(counting(texts.size())),
      product_(draw_product(weight,
                            {.columns = {1, weight.cols(), weight.cols()}, .rows = weight.rows()},
                            {{texts.begin(), texts.end()}, {}}, noise)),
      bias_(bias.mean.values().begin(), bias.mean.values().end()) {}

void AffinePass::forward(ConstMatrixView x, MatrixView y) const {
  for (size_t b = 0; b < y.rows; ++b) std::ranges::copy(bias_, y.row(b));
  product_->multiply(x, draws_, y, Accumulate::yes);
}

Matrix AffinePass::backward(ConstMatrixView x, ConstMatrixView dy, Parameter& weight,
                            Parameter& bias) {
  for (size_t b = 0; b < dy.rows; ++b) {
    add_scaled(1.0f, dy.row_span(b), bias.mean_gradient.values());
  }
  Matrix dx(x.rows, x.cols);
  product_->multiply_transposed(x, dy, draws_, dx, Accumulate::no);
  product_->add_gradient(0, x, dy, draws_);
  product_->finish(weight);
  return dx;
}

DensePass::DensePass(const DenseLayer& layer, std::span<const uint32_t> texts,
                     const NoiseSource* noise)
    : affine_(layer.weight, layer.bias, texts, noise), hidden_(texts.size(), layer.units()) {
  if (layer.unit_multiplier) multiplier_.emplace(*layer.unit_multiplier, texts, noise);
}

void DensePass::forward(Matrix x) {
  input_ = std::move(x);
  affine_.forward(input_, hidden_);
  for (float& h : hidden_.values()) h = std::max(h, 0.0f);
  output_ = hidden_;
  if (multiplier_) multiply(multiplier_->values().values(), output_.values());
}

Matrix DensePass::backward(Matrix dy, DenseLayer& layer) {
  if (multiplier_) {
    Matrix dz = hidden_;
    multiply(dy.values(), dz.values());
    multiplier_->add_gradient(*layer.unit_multiplier, dz);
    multiply(multiplier_->values().values(), dy.values());
  }
  const auto h = hidden_.values();
  const auto da = dy.values();
  for (size_t i = 0; i < da.size(); ++i) da[i] = h[i] > 0.0f ? da[i] : 0.0f;
  return affine_.backward(input_, dy, layer.weight, layer.bias);
}

}  // namespace ockham
