#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "ockham/nn/network.hpp"

namespace ockham {

/// How many elements of a parameter are how noisy: of log alpha = log(Var[w] / E[w]^2), where
/// pruning draws its line (Molchanov, Ashukha & Vetrov 2017).
struct NoiseHistogram {
  static constexpr double kLow = -10.0, kStep = 0.5;
  static constexpr size_t kBins = 40;

  std::string parameter;            ///< Parameter::path
  std::optional<double> threshold;  ///< above it an element is pruned; nothing: none is by this
  /// Bin i is [kLow + i kStep, kLow + (i + 1) kStep); the first and the last hold all beyond them.
  std::array<size_t, kBins> counts{};
};

/// Of each parameter that is random, in the order of Network::for_each_parameter.
std::vector<NoiseHistogram> noise_histograms(const Network& network);

}  // namespace ockham
