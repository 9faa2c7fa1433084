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

double KlSchedule::beta(double done) const {
  if (annealing == Annealing::cyclic) {
    constexpr double kRounding = 1e-9;
    const double cycle = done * static_cast<double>(cycles);
    const double into = cycle - std::floor(cycle + kRounding);
    if (into < kRounding && done > 0.0) return 1.0;  // a cycle's end, and what is reported of it
    return std::min(1.0, into / kRisingShare);
  }
  if (done >= first_warm_up()) return 1.0;
  const double risen = done / warm_up;
  return annealing == Annealing::cosine ? 0.5 * (1.0 - std::cos(std::numbers::pi * risen)) : risen;
}

double KlSchedule::scale(double done) const {
  return beta(done) * low * std::pow(high / low, std::max(0.0, progress(done)));
}

double KlSchedule::progress(double done) const {
  // Steps are cheapest where the model is small already, and pruning lags behind the scale: the
  // rise slows down, so that the small models get the time.
  constexpr double kEase = 1.5;
  const double first = first_warm_up();
  if (first >= 1.0) return 0.0;
  const double left = 1.0 - (done - first) / (1.0 - first);
  return 1.0 - std::pow(std::max(0.0, left), kEase);
}

}  // namespace ockham
