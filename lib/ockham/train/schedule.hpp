#pragma once

#include <cstdint>

namespace ockham {

/// The KL's scale over the Bayes phase (beta * scale of the loss): 0 -> low linearly over the
/// warm-up (KL annealing, Bowman et al. 2016), then low -> high geometrically, so that one training
/// passes through every degree of compression. low = high holds the scale after the warm-up.
struct KlSchedule {
  double low = 0.2;
  double high = 30.0;
  double warm_up = 0.12;  ///< share of the steps

  double scale(uint64_t step, uint64_t steps) const;
};

}  // namespace ockham
