#include "ockham/train/schedule.hpp"

#include <cmath>

namespace ockham {

double KlSchedule::scale(uint64_t step, uint64_t steps) const {
  const double progress = static_cast<double>(step) / static_cast<double>(steps);
  if (progress < warm_up) return low * progress / warm_up;
  if (warm_up >= 1.0) return low;
  return low * std::pow(high / low, (progress - warm_up) / (1.0 - warm_up));
}

}  // namespace ockham
