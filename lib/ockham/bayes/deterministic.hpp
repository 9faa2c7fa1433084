#pragma once

#include "ockham/bayes/posterior.hpp"

namespace ockham {

/// No posterior at all: the value is its mean, the KL is nil, only exact zeros are pruned.
class Deterministic : public Posterior {
 public:
  std::string_view name() const override { return "deterministic"; }
  std::string_view spread_name() const override { return ""; }
  NoiseKind noise() const override { return NoiseKind::none; }

  void sample(std::span<const float> mean, std::span<const float> spread,
              std::span<const float> noise, std::span<float> value) const override;
  void backward(std::span<const float> mean, std::span<const float> spread,
                std::span<const float> noise, std::span<const float> value_gradient,
                std::span<float> mean_gradient, std::span<float> spread_gradient) const override;
  double kl(std::span<const float> mean, std::span<const float> spread) const override;
  void add_kl_gradient(float scale, std::span<const float> mean, std::span<const float> spread,
                       std::span<float> mean_gradient,
                       std::span<float> spread_gradient) const override;
  void keep(std::span<const float> mean, std::span<const float> spread,
            std::span<uint8_t> kept) const override;
};

}  // namespace ockham
