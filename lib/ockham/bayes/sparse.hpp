#pragma once

#include "ockham/bayes/additive_gaussian.hpp"

namespace ockham {

/// Sparse variational dropout with additive noise (Molchanov, Ashukha & Vetrov 2017): log-uniform
/// prior, with the exact KL  u 2F2(1, 1; 3/2, 2; -u),  u = m^2 / (2 s^2) = 1 / (2 alpha).
class Sparse final : public AdditiveGaussian {
 public:
  static constexpr std::string_view kName = "sparse";

  explicit Sparse(PruneThreshold threshold = {}) : AdditiveGaussian(kName, threshold) {}
  double kl(std::span<const float> mean, std::span<const float> spread) const override;
  void add_kl_gradient(float scale, std::span<const float> mean, std::span<const float> spread,
                       std::span<float> mean_gradient,
                       std::span<float> spread_gradient) const override;
  void descend(const AdamStep& step, float kl_scale, const AdamTensor& mean,
               const AdamTensor& spread) const override;
};

}  // namespace ockham
