#include "ockham/compress/noise_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace ockham {
namespace {

size_t bin_of(float log_alpha) {
  constexpr double kLast = NoiseHistogram::kBins - 1;
  const double bin = std::floor((log_alpha - NoiseHistogram::kLow) / NoiseHistogram::kStep);
  return static_cast<size_t>(std::clamp(bin, 0.0, kLast));
}

NoiseHistogram histogram_of(const Parameter& p) {
  NoiseHistogram histogram{.parameter = p.path, .threshold = p.posterior->prune_log_alpha()};
  std::vector<float> log_alpha(p.mean.size());
  p.posterior->log_alphas(p.mean.values(), p.spread.values(), log_alpha);
  for (const float value : log_alpha) ++histogram.counts[bin_of(value)];
  return histogram;
}

}  // namespace

std::vector<NoiseHistogram> noise_histograms(const Network& network) {
  std::vector<NoiseHistogram> histograms;
  network.for_each_parameter([&](const Parameter& p) {
    if (p.posterior->has_spread() && p.mean.size() > 0) histograms.push_back(histogram_of(p));
  });
  return histograms;
}

}  // namespace ockham
