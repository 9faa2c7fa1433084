#include "ockham/bayes/multiplicative_gaussian.hpp"

#include <cmath>
#include <limits>

namespace ockham {

// w = m (1 + sqrt(alpha) e)
void MultiplicativeGaussian::sample(std::span<const float> mean, std::span<const float> spread,
                                    std::span<const float> noise, std::span<float> value) const {
  for (size_t i = 0; i < mean.size(); ++i) {
    value[i] = mean[i] * (1.0f + std::exp(0.5f * log_alpha(spread, i)) * noise[i]);
  }
}

// dm += dw (1 + sqrt(alpha) e);  dla += dw m sqrt(alpha) e / 2
void MultiplicativeGaussian::backward(std::span<const float> mean, std::span<const float> spread,
                                      std::span<const float> noise,
                                      std::span<const float> value_gradient,
                                      std::span<float> mean_gradient,
                                      std::span<float> spread_gradient) const {
  for (size_t i = 0; i < mean.size(); ++i) {
    const float relative = std::exp(0.5f * log_alpha(spread, i)) * noise[i];
    mean_gradient[i] += value_gradient[i] * (1.0f + relative);
    if (!fixed_) spread_gradient[i] += 0.5f * value_gradient[i] * mean[i] * relative;
  }
}

// v = alpha m^2
void MultiplicativeGaussian::variance(std::span<const float> mean, std::span<const float> spread,
                                      std::span<float> value) const {
  for (size_t i = 0; i < mean.size(); ++i) {
    value[i] = std::exp(log_alpha(spread, i)) * mean[i] * mean[i];
  }
}

// Not from the variance, in which alpha m^2 of tiny means is 0.
void MultiplicativeGaussian::log_alphas(std::span<const float> mean, std::span<const float> spread,
                                        std::span<float> value) const {
  for (size_t i = 0; i < mean.size(); ++i) {
    value[i] = mean[i] == 0.0f ? std::numeric_limits<float>::infinity() : log_alpha(spread, i);
  }
}

// dm += 2 alpha m dv;  dla += alpha m^2 dv
void MultiplicativeGaussian::variance_backward(std::span<const float> mean,
                                               std::span<const float> spread,
                                               std::span<const float> value_gradient,
                                               std::span<float> mean_gradient,
                                               std::span<float> spread_gradient) const {
  for (size_t i = 0; i < mean.size(); ++i) {
    const float slope = std::exp(log_alpha(spread, i)) * mean[i] * value_gradient[i];
    mean_gradient[i] += 2.0f * slope;
    if (!fixed_) spread_gradient[i] += slope * mean[i];
  }
}

void MultiplicativeGaussian::keep(std::span<const float> mean, std::span<const float> /*spread*/,
                                  std::span<uint8_t> kept) const {
  for (size_t i = 0; i < mean.size(); ++i) kept[i] = mean[i] != 0.0f;
}

}  // namespace ockham
