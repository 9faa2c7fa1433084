#pragma once

#include <cmath>
#include <vector>

#include "ockham/bayes/product.hpp"

namespace ockham {

/// The variance of the gradient by the means, over the weights' noise, for one posterior in its two
/// parametrizations: additive, w = m + s e, and multiplicative, w = m (1 + sqrt(alpha) e)
/// (Molchanov, Ashukha & Vetrov 2017, section 4.3). A dense layer under a logistic loss, all
/// weights with the same alpha and pre-activations of the same variance at every alpha, so that
/// only the parametrization differs.
class GradientVariance {
 public:
  GradientVariance(const char* posterior, double alpha)
      : weight_("weight", 1, kInputs, 1, make_posterior(posterior), 0.0f), x_(kRows, kInputs) {
    const PhiloxNoise start(1, 0);
    std::vector<uint32_t> rows(kRows);
    for (uint32_t r = 0; r < kRows; ++r) rows[r] = r;
    start.matrix(NoiseKind::normal, 1, weight_.row_ids, weight_.column_ids, weight_.mean);
    start.matrix(NoiseKind::normal, 2, rows, weight_.row_ids, x_);
    const double deviation = kOutputDeviation / std::sqrt(static_cast<double>(kInputs));
    for (size_t i = 0; i < kInputs; ++i) {
      float& m = weight_.mean(i, 0);
      m = static_cast<float>(std::copysign(deviation / std::sqrt(alpha), m));
      weight_.spread(i, 0) = static_cast<float>(
          weight_.posterior->multiplicative() ? std::log(alpha) : std::log(deviation));
    }
  }

  /// Mean over the weights of Var[dL/dm].
  double measure(uint32_t draws) {
    std::vector<double> sum(kInputs, 0.0), squares(kInputs, 0.0);
    for (uint32_t step = 0; step < draws; ++step) {
      draw_gradient(PhiloxNoise(2, step));
      for (size_t i = 0; i < kInputs; ++i) {
        const double g = weight_.mean_gradient(i, 0);
        sum[i] += g;
        squares[i] += g * g;
      }
    }
    double variance = 0.0;
    for (size_t i = 0; i < kInputs; ++i) {
      const double mean = sum[i] / draws;
      variance += squares[i] / draws - mean * mean;
    }
    return variance / kInputs;
  }

 private:
  static constexpr size_t kInputs = 64, kRows = 32;
  static constexpr double kOutputDeviation = 0.3;  // of the noise on an output

  void draw_gradient(const NoiseSource& noise) {
    weight_.mean_gradient.fill(0.0f);
    Matrix y(kRows, 1);
    const auto product = draw_product(weight_, {{1, 1, 1}, kInputs, 1}, {}, &noise);
    product->multiply(x_, {}, y, Accumulate::no);
    for (size_t r = 0; r < kRows; ++r) {
      const float target = r % 2 == 0 ? 1.0f : 0.0f;
      y(r, 0) = (1.0f / (1.0f + std::exp(-y(r, 0))) - target) / static_cast<float>(kRows);
    }
    product->add_gradient(0, x_, y, {});
    product->finish(weight_);
  }

  Parameter weight_;
  Matrix x_;
};

}  // namespace ockham
