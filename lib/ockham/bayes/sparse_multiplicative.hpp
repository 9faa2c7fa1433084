#pragma once

#include <string>

#include "ockham/bayes/multiplicative_gaussian.hpp"
#include "ockham/bayes/prune_threshold.hpp"

namespace ockham {

/// The posterior of Sparse, trained over (m, log alpha) in place of (m, log s): what sparse
/// variational dropout was before its additive noise (Molchanov, Ashukha & Vetrov 2017, section
/// 4.3). The KL is the exact one and depends on log alpha alone. For comparing the gradients'
/// variance, which grows with alpha here.
class SparseMultiplicative final : public MultiplicativeGaussian {
 public:
  static constexpr std::string_view kName = "sparse-multiplicative";

  explicit SparseMultiplicative(PruneThreshold threshold = {})
      : name_(threshold.named(kName)), threshold_(threshold) {}

  std::string_view name() const override { return name_; }
  bool prunes() const override { return true; }
  double kl(std::span<const float> mean, std::span<const float> spread) const override;
  void add_kl_gradient(float scale, std::span<const float> mean, std::span<const float> spread,
                       std::span<float> mean_gradient,
                       std::span<float> spread_gradient) const override;
  void keep(std::span<const float> mean, std::span<const float> spread,
            std::span<uint8_t> kept) const override;
  std::optional<float> prune_log_alpha() const override { return threshold_.log_alpha; }

 private:
  std::string name_;
  PruneThreshold threshold_;
};

}  // namespace ockham
