#pragma once

#include <string>

#include "ockham/bayes/posterior.hpp"
#include "ockham/bayes/prune_threshold.hpp"

namespace ockham {

/// Noise beside the mean, free of it:
///     w = m + s e,   e ~ N(0, 1),   spread = log s
/// so that the gradient by m carries no noise however large alpha = s^2 / m^2 grows (Molchanov,
/// Ashukha & Vetrov 2017). The prior is log-uniform; an element is pruned above its threshold of
/// log alpha.
class AdditiveGaussian : public Posterior {
 public:
  std::string_view name() const override { return name_; }
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
  std::optional<float> prune_log_alpha() const override { return threshold_.log_alpha; }

  double kl(std::span<const float> mean, std::span<const float> spread) const override;
  void add_kl_gradient(float scale, std::span<const float> mean, std::span<const float> spread,
                       std::span<float> mean_gradient,
                       std::span<float> spread_gradient) const override;
  void descend(const AdamStep& step, float kl_scale, const AdamTensor& mean,
               const AdamTensor& spread) const override;

 protected:
  AdditiveGaussian(std::string_view tag, SparseKl form, PruneThreshold threshold)
      : name_(threshold.named(tag)), form_(form), threshold_(threshold) {}

 private:
  std::string name_;
  SparseKl form_;
  PruneThreshold threshold_;
};

}  // namespace ockham
