#pragma once

#include <cstdint>

namespace ockham {

/// The KL's scale over the Bayes phase (beta * scale of the loss): 0 -> low linearly over the
/// warm-up (KL annealing, Bowman et al. 2016), then low -> high so that one training passes through
/// every degree of compression: with x the share of the rest that is done, the scale is
///     low (high / low)^(1 - (1 - x)^1.5),
/// a geometric rise that slows down towards the end. low = high holds the scale after the warm-up.
struct KlSchedule {
  double low = 0.2;
  double high = 15.0;
  double warm_up = 0.12;  ///< share of the steps

  double scale(uint64_t step, uint64_t steps) const;
  /// 1 - (1 - x)^1.5: how far the exponent is; negative during the warm-up.
  double progress(uint64_t step, uint64_t steps) const;

  bool operator==(const KlSchedule&) const = default;
};

}  // namespace ockham
