#pragma once

namespace ockham {

/// A number z with log z ~ N(mu, sigma^2) truncated to [-20, 0], against the log-uniform prior on
/// the same interval (structured Bayesian pruning, Neklyudov et al. 2017), in double precision.
/// mu in [-20, 0], sigma > 0; good from sigma = e^-20 to e^5: relative errors below 1e-6.
class TruncatedLogNormal {
 public:
  static constexpr double kLow = -20.0;
  static constexpr double kHigh = 0.0;

  TruncatedLogNormal(double mu, double log_sigma);

  /// A derivative by mu and by log sigma.
  struct Slopes {
    double mu;
    double log_sigma;
  };

  struct Sample {
    double log_z;
    Slopes slopes;  ///< of log z
  };
  /// The sample for a uniform number y in (0, 1), cut to [1e-5, 1 - 1e-5].
  Sample sample(double y) const;

  double kl() const;
  Slopes kl_slopes() const;

  /// E[z^k], k = 1 or 2.
  double moment(int k) const;
  /// Of E[z].
  Slopes mean_slopes() const;
  /// E[z] / sd[z]; infinite where the deviation vanishes in double precision.
  double snr() const;

 private:
  double mu_, sigma_;
  double a_, b_;          // the bounds in standard units: A <= 0 <= B
  double pdf_a_, pdf_b_;  // phi(A), phi(B)
  double z_;              // Z
};

}  // namespace ockham
