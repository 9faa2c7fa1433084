#pragma once

#include "ockham/bayes/posterior.hpp"

namespace ockham {

/// Structured Bayesian pruning (Neklyudov, Molchanov, Ashukha & Vetrov 2017): a multiplier z in
/// (0, 1], log-normal and truncated to [e^-20, 1], against the log-uniform prior there.
///     mean = mu in [-20, 0],   spread = log sigma in [-20, 5]      (truncated_log_normal.hpp)
/// An element is pruned where its signal-to-noise ratio E[z] / sd[z] is below 1 or E[z] is under
/// 1e-4 of the largest. A mu far below its interval stands for z = 0.
class LogNormal final : public Posterior {
 public:
  std::string_view name() const override { return "log-normal"; }
  std::string_view spread_name() const override { return "log_sigma"; }
  NoiseKind noise() const override { return NoiseKind::uniform; }
  bool prunes() const override { return true; }
  bool logarithmic() const override { return true; }
  /// Of a multiplier that was 1, or what is nearest to it.
  float mean_of_value(float value) const override;
  float pruned_mean() const override;

  void sample(std::span<const float> mean, std::span<const float> spread,
              std::span<const float> noise, std::span<float> value) const override;
  void backward(std::span<const float> mean, std::span<const float> spread,
                std::span<const float> noise, std::span<const float> value_gradient,
                std::span<float> mean_gradient, std::span<float> spread_gradient) const override;
  void expectation(std::span<const float> mean, std::span<const float> spread,
                   std::span<float> value) const override;
  void expectation_backward(std::span<const float> mean, std::span<const float> spread,
                            std::span<const float> value_gradient, std::span<float> mean_gradient,
                            std::span<float> spread_gradient) const override;
  double kl(std::span<const float> mean, std::span<const float> spread) const override;
  void add_kl_gradient(float scale, std::span<const float> mean, std::span<const float> spread,
                       std::span<float> mean_gradient,
                       std::span<float> spread_gradient) const override;
  void keep(std::span<const float> mean, std::span<const float> spread,
            std::span<uint8_t> kept) const override;
  void log_alphas(std::span<const float> mean, std::span<const float> spread,
                  std::span<float> value) const override;
  std::optional<float> prune_log_alpha() const override;
  void project(std::span<float> mean, std::span<float> spread) const override;
};

}  // namespace ockham
