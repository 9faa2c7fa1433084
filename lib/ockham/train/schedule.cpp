#include "ockham/train/schedule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

constexpr std::array<std::string_view, 4> kNames{"none", "linear", "cosine", "cyclic"};
constexpr double kRisingShare = 0.5;  // of a cycle

}  // namespace

std::string_view annealing_name(Annealing annealing) {
  return kNames[static_cast<size_t>(annealing)];
}

Annealing parse_annealing(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    fail("unknown annealing \"", name, "\"; known: none, linear, cosine, cyclic");
  }
  return static_cast<Annealing>(found - kNames.begin());
}

double KlSchedule::first_warm_up() const {
  switch (annealing) {
    case Annealing::none:
      return 0.0;
    case Annealing::cyclic:
      return kRisingShare / static_cast<double>(cycles);
    default:
      return warm_up;
  }
}

double KlSchedule::beta(uint64_t step, uint64_t steps) const {
  const double share = static_cast<double>(step) / static_cast<double>(steps);
  if (annealing == Annealing::cyclic) {
    const uint64_t into_cycle = step * cycles % steps;
    if (into_cycle == 0 && step > 0) return 1.0;  // the end of a cycle, and what is reported of it
    const double cycle = static_cast<double>(into_cycle) / static_cast<double>(steps);
    return std::min(1.0, cycle / kRisingShare);
  }
  if (share >= first_warm_up()) return 1.0;
  const double done = share / warm_up;
  return annealing == Annealing::cosine ? 0.5 * (1.0 - std::cos(std::numbers::pi * done)) : done;
}

double KlSchedule::scale(uint64_t step, uint64_t steps) const {
  return beta(step, steps) * low * std::pow(high / low, std::max(0.0, progress(step, steps)));
}

double KlSchedule::progress(uint64_t step, uint64_t steps) const {
  // Steps are cheapest where the model is small already, and pruning lags behind the scale: the
  // rise slows down, so that the small models get the time.
  constexpr double kEase = 1.5;
  const double first = first_warm_up();
  if (first >= 1.0) return 0.0;
  const double share = static_cast<double>(step) / static_cast<double>(steps);
  const double left = 1.0 - (share - first) / (1.0 - first);
  return 1.0 - std::pow(std::max(0.0, left), kEase);
}

}  // namespace ockham
