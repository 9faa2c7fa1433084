#pragma once

#include <optional>

#include "ockham/bayes/posterior.hpp"

namespace ockham {

/// Noise that scales with the mean:
///     w = m (1 + sqrt(alpha) e),   e ~ N(0, 1),   spread = log alpha, or alpha fixed
/// The same distribution as m + s e with s^2 = alpha m^2; what differs is the gradient by m, which
/// carries noise of its own, the more the larger alpha is.
class MultiplicativeGaussian : public Posterior {
 public:
  /// `log_alpha`: of all elements, where it is not trained.
  explicit MultiplicativeGaussian(std::optional<float> log_alpha = {}) : fixed_(log_alpha) {}

  std::string_view spread_name() const override { return fixed_ ? "" : "log_alpha"; }
  NoiseKind noise() const override { return NoiseKind::normal; }
  bool gaussian() const override { return true; }
  bool multiplicative() const override { return true; }

  void sample(std::span<const float> mean, std::span<const float> spread,
              std::span<const float> noise, std::span<float> value) const override;
  void backward(std::span<const float> mean, std::span<const float> spread,
                std::span<const float> noise, std::span<const float> value_gradient,
                std::span<float> mean_gradient, std::span<float> spread_gradient) const override;
  void variance(std::span<const float> mean, std::span<const float> spread,
                std::span<float> value) const override;
  void variance_backward(std::span<const float> mean, std::span<const float> spread,
                         std::span<const float> value_gradient, std::span<float> mean_gradient,
                         std::span<float> spread_gradient) const override;
  void log_alphas(std::span<const float> mean, std::span<const float> spread,
                  std::span<float> value) const override;
  /// Nothing is pruned but what is 0.
  void keep(std::span<const float> mean, std::span<const float> spread,
            std::span<uint8_t> kept) const override;

 private:
  float log_alpha(std::span<const float> spread, size_t i) const {
    return fixed_ ? *fixed_ : spread[i];
  }

  std::optional<float> fixed_;
};

}  // namespace ockham
