#include "ockham/bayes/truncated_log_normal.hpp"

#include <cerf.h>

#include <algorithm>
#include <array>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <limits>
#include <numbers>

namespace ockham {
namespace {

constexpr double kRootTwo = std::numbers::sqrt2;

double pdf(double x) {
  return std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / kRootTwo;
}

/// Phi(-x): the upper tail.
double tail(double x) {
  return 0.5 * std::erfc(x / kRootTwo);
}

/// The x whose lower tail is `lower` and whose upper tail is `upper` = 1 - lower; the smaller one
/// is what it is read from.
double quantile(double lower, double upper) {
  using namespace boost::math::policies;
  constexpr policy<promote_double<false>> kDouble;  // twice as fast, and right to 1e-15 still
  return lower < upper ? -kRootTwo * boost::math::erfc_inv(2.0 * lower, kDouble)
                       : kRootTwo * boost::math::erfc_inv(2.0 * upper, kDouble);
}

/// x^k phi(x), 0 for bounds out of reach.
double power_pdf(double x, int k, double density) {
  if (density == 0.0) return 0.0;
  for (; k > 0; --k) density *= x;
  return density;
}

}  // namespace

TruncatedLogNormal::TruncatedLogNormal(double mu, double log_sigma)
    : mu_(mu),
      sigma_(std::exp(log_sigma)),
      a_((kLow - mu) / sigma_),
      b_((kHigh - mu) / sigma_),
      pdf_a_(pdf(a_)),
      pdf_b_(pdf(b_)),
      z_(0.5 * (std::erf(b_ / kRootTwo) - std::erf(a_ / kRootTwo))) {}

// xi = Phi^-1((1 - y) Phi(A) + y Phi(B));  log z = mu + sigma xi
TruncatedLogNormal::Sample TruncatedLogNormal::sample(double y) const {
  constexpr double kEdge = 1e-5;
  y = std::clamp(y, kEdge, 1.0 - kEdge);
  const double lower = (1.0 - y) * tail(-a_) + y * tail(-b_);
  const double upper = (1.0 - y) * tail(a_) + y * tail(b_);
  const double xi = quantile(lower, upper);
  const double density = pdf(xi);
  const auto mixed = [&](int k) {
    return ((1.0 - y) * power_pdf(a_, k, pdf_a_) + y * power_pdf(b_, k, pdf_b_)) / density;
  };
  return {std::clamp(mu_ + sigma_ * xi, kLow, kHigh), {1.0 - mixed(0), sigma_ * (xi - mixed(1))}};
}

// KL = log((b - a) / sqrt(2 pi e sigma^2)) - log Z - (A phi(A) - B phi(B)) / (2 Z)
double TruncatedLogNormal::kl() const {
  const double r1 = (power_pdf(a_, 1, pdf_a_) - power_pdf(b_, 1, pdf_b_)) / z_;
  const double entropy = 0.5 * std::log(2.0 * std::numbers::pi * std::numbers::e) +
                         std::log(sigma_) + std::log(z_) + 0.5 * r1;
  return std::log(kHigh - kLow) - entropy;
}

// r_k = (A^k phi(A) - B^k phi(B)) / Z
// dKL/dmu = (r_1 r_0 - r_0 - r_2) / (2 sigma);  dKL/dlog sigma = (r_1^2 - r_1 - r_3) / 2 - 1
TruncatedLogNormal::Slopes TruncatedLogNormal::kl_slopes() const {
  const auto r = [&](int k) { return (power_pdf(a_, k, pdf_a_) - power_pdf(b_, k, pdf_b_)) / z_; };
  const double r0 = r(0), r1 = r(1);
  return {(r1 * r0 - r0 - r(2)) / (2.0 * sigma_), 0.5 * (r1 * r1 - r1 - r(3)) - 1.0};
}

// k sigma <= B:  exp(k mu + k^2 sigma^2 / 2 - log Z) (Phi(k sigma - A) - Phi(k sigma - B)), else
// the same in scaled complementary error functions: the plain form underflows to 0.
double TruncatedLogNormal::moment(int k) const {
  const double shift = k * sigma_;
  const double log_z = std::log(z_);
  if (shift <= b_) {
    const double mass =
        0.5 * (std::erf((shift - a_) / kRootTwo) - std::erf((shift - b_) / kRootTwo));
    return std::exp(k * mu_ + 0.5 * shift * shift - log_z) * mass;
  }
  return 0.5 * (std::exp(k * kHigh - 0.5 * b_ * b_ - log_z) * erfcx((shift - b_) / kRootTwo) -
                std::exp(k * kLow - 0.5 * a_ * a_ - log_z) * erfcx((shift - a_) / kRootTwo));
}

// With q' ~ z q(z), which is q with mu + sigma^2 in place of mu:
//     dlog E[z]/dmu = (E_q'[l] - E_q[l]) / sigma^2
//     dlog E[z]/dlog sigma = (E_q'[(l - mu)^2] - E_q[(l - mu)^2]) / sigma^2,   l = log z
TruncatedLogNormal::Slopes TruncatedLogNormal::mean_slopes() const {
  // Where sigma is small the two expectations are r_k of either; the differences cancel where it is
  // large.
  if (sigma_ < 0.5) {
    const double a = a_ - sigma_, b = b_ - sigma_;
    const double at_a = pdf(a), at_b = pdf(b);
    const double z = 0.5 * (std::erf(b / kRootTwo) - std::erf(a / kRootTwo));
    const auto r = [&](int k) {
      return (power_pdf(a, k, at_a) - power_pdf(b, k, at_b)) / z -
             (power_pdf(a_, k, pdf_a_) - power_pdf(b_, k, pdf_b_)) / z_;
    };
    const double shifted = (power_pdf(a, 0, at_a) - power_pdf(b, 0, at_b)) / z;
    const double mean = moment(1), r0 = r(0);
    return {mean * (1.0 + r0 / sigma_), mean * (r(1) + 2.0 * sigma_ * shifted + sigma_ * sigma_)};
  }
  // In standard units x = (l - mu) / sigma, by quadrature where the densities reach 1e-17.
  const auto expectation = [&](double shift) {
    const double peak = std::clamp(shift, a_, b_);
    // Beyond its peak at the bound the density falls by |peak - shift| a unit, or as a Gaussian.
    const double slope = std::abs(peak - shift);
    const double reach = std::min(9.0, slope > 0.0 ? 40.0 / slope : 9.0);
    const double low = std::max(a_, peak - reach), high = std::min(b_, peak + reach);
    std::array<double, 3> sums{};
    const auto add = [&](double x, double weight) {
      const double density = weight * std::exp(-0.5 * (x - shift) * (x - shift) +
                                               0.5 * (peak - shift) * (peak - shift));
      sums[0] += density;
      sums[1] += density * x;
      sums[2] += density * x * x;
    };
    using Rule = boost::math::quadrature::gauss<double, 60>;
    const double middle = 0.5 * (low + high), half = 0.5 * (high - low);
    for (size_t i = 0; i < Rule::abscissa().size(); ++i) {
      add(middle + half * Rule::abscissa()[i], Rule::weights()[i]);
      add(middle - half * Rule::abscissa()[i], Rule::weights()[i]);
    }
    return std::array<double, 2>{sums[1] / sums[0], sums[2] / sums[0]};
  };
  const auto tilted = expectation(sigma_), plain = expectation(0.0);
  const double mean = moment(1);
  return {mean * (tilted[0] - plain[0]) / sigma_, mean * (tilted[1] - plain[1])};
}

double TruncatedLogNormal::snr() const {
  const double mean = moment(1), variance = moment(2) - mean * mean;
  return variance > 0.0 ? mean / std::sqrt(variance) : std::numeric_limits<double>::infinity();
}

}  // namespace ockham
