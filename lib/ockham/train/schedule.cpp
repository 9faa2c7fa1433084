#include "ockham/train/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace ockham {

double KlSchedule::scale(uint64_t step, uint64_t steps) const {
  const double share = static_cast<double>(step) / static_cast<double>(steps);
  if (share < warm_up) return low * share / warm_up;
  return low * std::pow(high / low, progress(step, steps));
}

double KlSchedule::progress(uint64_t step, uint64_t steps) const {
  // Steps are cheapest where the model is small already, and pruning lags behind the scale: the
  // rise slows down, so that the small models get the time.
  constexpr double kEase = 1.5;
  if (warm_up >= 1.0) return 0.0;
  const double share = static_cast<double>(step) / static_cast<double>(steps);
  const double left = 1.0 - (share - warm_up) / (1.0 - warm_up);
  return 1.0 - std::pow(std::max(0.0, left), kEase);
}

}  // namespace ockham
