#pragma once

#include "ockham/bayes/posterior.hpp"

namespace ockham {

/// Sparse variational dropout with additive noise (Molchanov, Ashukha & Vetrov 2017):
///     w = m + s e,   e ~ N(0, 1),   spread = log s,   log-uniform prior,
/// with the exact KL  u 2F2(1, 1; 3/2, 2; -u),  u = m^2 / (2 s^2) = 1 / (2 alpha).
/// An element is pruned at log alpha > 3, where m^2 is under 5% of s^2.
class Sparse final : public Posterior {
 public:
  static constexpr float kPruneLogAlpha = 3.0f;

  std::string_view name() const override { return "sparse"; }
  std::string_view spread_name() const override { return "log_sigma"; }
  NoiseKind noise() const override { return NoiseKind::normal; }

  void sample(std::span<const float> mean, std::span<const float> spread,
              std::span<const float> noise, std::span<float> value) const override;
  void backward(std::span<const float> mean, std::span<const float> spread,
                std::span<const float> noise, std::span<const float> value_gradient,
                std::span<float> mean_gradient, std::span<float> spread_gradient) const override;
  bool gaussian() const override { return true; }
  void variance(std::span<const float> mean, std::span<const float> spread,
                std::span<float> value) const override;
  void variance_backward(std::span<const float> mean, std::span<const float> spread,
                         std::span<const float> value_gradient, std::span<float> mean_gradient,
                         std::span<float> spread_gradient) const override;
  double kl(std::span<const float> mean, std::span<const float> spread) const override;
  void add_kl_gradient(float scale, std::span<const float> mean, std::span<const float> spread,
                       std::span<float> mean_gradient,
                       std::span<float> spread_gradient) const override;
  void keep(std::span<const float> mean, std::span<const float> spread,
            std::span<uint8_t> kept) const override;
  void descend(const AdamStep& step, float kl_scale, const AdamTensor& mean,
               const AdamTensor& spread) const override;
};

}  // namespace ockham
