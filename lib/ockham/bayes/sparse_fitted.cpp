#include "ockham/bayes/sparse_fitted.hpp"

#include <algorithm>
#include <cmath>

namespace ockham {
namespace {

constexpr float k1 = 0.63576f, k2 = 1.87320f, k3 = 1.48695f;

float sigmoid(float x) {
  return 1.0f / (1.0f + std::exp(-x));
}

/// Infinite where the mean is 0.
float log_alpha(float mean, float log_sigma) {
  return 2.0f * (log_sigma - std::log(std::abs(mean)));
}

}  // namespace

double SparseFitted::kl(std::span<const float> mean, std::span<const float> spread) const {
  double sum = 0.0;
  for (size_t i = 0; i < mean.size(); ++i) {
    const float la = std::clamp(log_alpha(mean[i], spread[i]), -kLargestLogAlpha, kLargestLogAlpha);
    sum += k1 * (1.0f - sigmoid(k2 + k3 * la)) + 0.5f * std::log1p(std::exp(-la));
  }
  return sum;
}

// dKL/dla = -k1 k3 sg (1 - sg) - sigm(-la) / 2,  sg = sigm(k2 + k3 la);  dla/dm = -2 / m,
// dla/dlog s = 2
void SparseFitted::add_kl_gradient(float scale, std::span<const float> mean,
                                   std::span<const float> spread, std::span<float> mean_gradient,
                                   std::span<float> spread_gradient) const {
  for (size_t i = 0; i < mean.size(); ++i) {
    const float la = log_alpha(mean[i], spread[i]);
    if (!(std::abs(la) < kLargestLogAlpha)) continue;
    const float sg = sigmoid(k2 + k3 * la);
    const float slope = scale * (-k1 * k3 * sg * (1.0f - sg) - 0.5f * sigmoid(-la));
    mean_gradient[i] -= 2.0f * slope / mean[i];
    spread_gradient[i] += 2.0f * slope;
  }
}

}  // namespace ockham
