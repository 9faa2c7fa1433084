#include "ockham/bayes/log_normal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ockham/bayes/truncated_log_normal.hpp"

namespace ockham {
namespace {

constexpr float kLowestLogSigma = -20.0f, kHighestLogSigma = 5.0f;
constexpr double kLeastSnr = 1.0;
constexpr double kLeastShare = 1e-4;  // of the largest E[z]

constexpr float kPrunedMu = -1000.0f;  // e^-1000 is 0 in any precision

bool pruned(float mu) {
  return mu == kPrunedMu;
}

/// Calls body(i, q) for every element that is not pruned.
template <typename Body>
void for_each_kept(std::span<const float> mu, std::span<const float> log_sigma, const Body& body) {
  for (size_t i = 0; i < mu.size(); ++i) {
    if (!pruned(mu[i])) body(i, TruncatedLogNormal(mu[i], log_sigma[i]));
  }
}

}  // namespace

float LogNormal::mean_of_value(float value) const {
  const float mu = std::log(std::max(value, 0.0f));
  return std::clamp(mu, static_cast<float>(TruncatedLogNormal::kLow),
                    static_cast<float>(TruncatedLogNormal::kHigh));
}

float LogNormal::pruned_mean() const {
  return kPrunedMu;
}

void LogNormal::sample(std::span<const float> mean, std::span<const float> spread,
                       std::span<const float> noise, std::span<float> value) const {
  std::ranges::fill(value, 0.0f);
  for_each_kept(mean, spread, [&](size_t i, const TruncatedLogNormal& q) {
    value[i] = static_cast<float>(std::exp(q.sample(noise[i]).log_z));
  });
}

// dz = z dlog z
void LogNormal::backward(std::span<const float> mean, std::span<const float> spread,
                         std::span<const float> noise, std::span<const float> value_gradient,
                         std::span<float> mean_gradient, std::span<float> spread_gradient) const {
  for_each_kept(mean, spread, [&](size_t i, const TruncatedLogNormal& q) {
    const auto [log_z, slopes] = q.sample(noise[i]);
    const double g = value_gradient[i] * std::exp(log_z);
    mean_gradient[i] += static_cast<float>(g * slopes.mu);
    spread_gradient[i] += static_cast<float>(g * slopes.log_sigma);
  });
}

void LogNormal::expectation(std::span<const float> mean, std::span<const float> spread,
                            std::span<float> value) const {
  std::ranges::fill(value, 0.0f);
  for_each_kept(mean, spread, [&](size_t i, const TruncatedLogNormal& q) {
    value[i] = static_cast<float>(q.moment(1));
  });
}

void LogNormal::expectation_backward(std::span<const float> mean, std::span<const float> spread,
                                     std::span<const float> value_gradient,
                                     std::span<float> mean_gradient,
                                     std::span<float> spread_gradient) const {
  for_each_kept(mean, spread, [&](size_t i, const TruncatedLogNormal& q) {
    const auto slopes = q.mean_slopes();
    mean_gradient[i] += static_cast<float>(value_gradient[i] * slopes.mu);
    spread_gradient[i] += static_cast<float>(value_gradient[i] * slopes.log_sigma);
  });
}

double LogNormal::kl(std::span<const float> mean, std::span<const float> spread) const {
  double sum = 0.0;
  for_each_kept(mean, spread, [&](size_t, const TruncatedLogNormal& q) { sum += q.kl(); });
  return sum;
}

void LogNormal::add_kl_gradient(float scale, std::span<const float> mean,
                                std::span<const float> spread, std::span<float> mean_gradient,
                                std::span<float> spread_gradient) const {
  for_each_kept(mean, spread, [&](size_t i, const TruncatedLogNormal& q) {
    const auto slopes = q.kl_slopes();
    mean_gradient[i] += static_cast<float>(scale * slopes.mu);
    spread_gradient[i] += static_cast<float>(scale * slopes.log_sigma);
  });
}

void LogNormal::keep(std::span<const float> mean, std::span<const float> spread,
                     std::span<uint8_t> kept) const {
  std::vector<double> means(mean.size(), 0.0);
  double largest = 0.0;
  for_each_kept(mean, spread, [&](size_t i, const TruncatedLogNormal& q) {
    means[i] = q.moment(1);
    largest = std::max(largest, means[i]);
  });
  std::ranges::fill(kept, uint8_t{0});
  for_each_kept(mean, spread, [&](size_t i, const TruncatedLogNormal& q) {
    kept[i] = q.snr() >= kLeastSnr && means[i] >= kLeastShare * largest;
  });
}

void LogNormal::log_alphas(std::span<const float> mean, std::span<const float> spread,
                           std::span<float> value) const {
  std::ranges::fill(value, std::numeric_limits<float>::infinity());
  for_each_kept(mean, spread, [&](size_t i, const TruncatedLogNormal& q) {
    value[i] = static_cast<float>(-2.0 * std::log(q.snr()));
  });
}

std::optional<float> LogNormal::prune_log_alpha() const {
  return static_cast<float>(-2.0 * std::log(kLeastSnr));
}

void LogNormal::project(std::span<float> mean, std::span<float> spread) const {
  for (float& mu : mean) {
    if (!pruned(mu)) {
      mu = std::clamp(mu, static_cast<float>(TruncatedLogNormal::kLow),
                      static_cast<float>(TruncatedLogNormal::kHigh));
    }
  }
  for (float& log_sigma : spread) {
    log_sigma = std::clamp(log_sigma, kLowestLogSigma, kHighestLogSigma);
  }
}

}  // namespace ockham
