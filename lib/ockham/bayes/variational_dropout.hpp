#pragma once

#include "ockham/bayes/multiplicative_gaussian.hpp"

namespace ockham {

/// Variational dropout (Kingma, Salimans & Welling 2015): w = m (1 + sqrt(alpha) e) with alpha
/// trained, log-uniform prior, and their polynomial for the KL, which holds for alpha <= 1:
///     -KL = la / 2 + c1 a + c2 a^2 + c3 a^3 - (log 2 + gamma) / 2,   a = e^la
/// la is kept at 0 or below, so nothing is pruned. Alphas may be shared (Parameter::sharing); the
/// KL counts once a weight.
class VariationalDropout final : public MultiplicativeGaussian {
 public:
  std::string_view name() const override { return "variational-dropout"; }
  double kl(std::span<const float> mean, std::span<const float> spread) const override;
  void add_kl_gradient(float scale, std::span<const float> mean, std::span<const float> spread,
                       std::span<float> mean_gradient,
                       std::span<float> spread_gradient) const override;
  void project(std::span<float> mean, std::span<float> spread) const override;
};

}  // namespace ockham
