#pragma once

#include "ockham/bayes/posterior.hpp"

namespace ockham {

/// Noise beside the mean, free of it:
///     w = m + s e,   e ~ N(0, 1),   spread = log s
/// so that the gradient by m carries no noise however large alpha = s^2 / m^2 grows (Molchanov,
/// Ashukha & Vetrov 2017). An element is pruned at log alpha > 3, where m^2 is under 5% of s^2.
class AdditiveGaussian : public Posterior {
 public:
  static constexpr float kPruneLogAlpha = 3.0f;

  std::string_view spread_name() const override { return "log_sigma"; }
  NoiseKind noise() const override { return NoiseKind::normal; }
  bool gaussian() const override { return true; }
  bool prunes() const override { return true; }

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
  void keep(std::span<const float> mean, std::span<const float> spread,
            std::span<uint8_t> kept) const override;
  std::optional<float> prune_log_alpha() const override { return kPruneLogAlpha; }
};

}  // namespace ockham
