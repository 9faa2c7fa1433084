#pragma once

#include <string>

#include "ockham/bayes/multiplicative_gaussian.hpp"

namespace ockham {

/// Gaussian dropout (Srivastava et al. 2014; Wang & Manning 2013): w = m (1 + sqrt(alpha) e) with
/// alpha fixed; binary dropout of rate p has alpha = p / (1 - p). With the log-uniform prior the KL
/// does not depend on m (Kingma, Salimans & Welling 2015), so that the noisy likelihood alone is
/// the variational bound.
class GaussianDropout final : public MultiplicativeGaussian {
 public:
  static constexpr std::string_view kName = "gaussian-dropout";

  /// Throws Error unless alpha is a positive number.
  explicit GaussianDropout(float alpha);

  /// With its alpha: "gaussian-dropout:0.25".
  std::string_view name() const override { return name_; }
  double kl(std::span<const float>, std::span<const float>) const override { return 0.0; }
  void add_kl_gradient(float, std::span<const float>, std::span<const float>, std::span<float>,
                       std::span<float>) const override {}

 private:
  std::string name_;
};

}  // namespace ockham
