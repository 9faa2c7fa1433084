#include "ockham/train/time_plan.hpp"

#include <algorithm>
#include <cmath>

namespace ockham {
namespace {

/// At least `least`, but no more than are wished.
size_t part(double share, double wished, double least) {
  const double some = std::max(std::floor(share * wished + 1e-9), std::ceil(least));
  return static_cast<size_t>(std::max(1.0, std::min(some, std::round(wished))));
}

}  // namespace

double seconds_at(double dropout, const TimedEpoch& timed) {
  constexpr double kSteady = 0.2;
  const double steady = timed.whole + (1.0 - timed.whole) * kSteady;
  const auto cost = [&](double p) { return steady + (1.0 - steady) * (1.0 - p); };
  return timed.seconds * cost(dropout) / cost(timed.dropout);
}

double affordable_share(double seconds, const TrainingCosts& costs, const PathRest& wished,
                        double done) {
  // Measured over the whole path of IMDb, SST-2 and MR epochs cost 0.6 to 0.8 of the first ones
  // (with the same word dropout throughout); over its second half, of those in the middle, a half.
  const double shrinking = 0.8 - 0.3 * done;
  const double all = shrinking * (costs.epoch * wished.epochs +
                                  costs.tuned_epoch * costs.fine_tune_epochs * wished.points);
  return all <= seconds ? 1.0 : std::max(0.0, seconds) / all;
}

double TimePlan::done_at(double epochs_over) const {
  const auto from = static_cast<double>(epoch);
  return done + (1.0 - done) * (epochs_over - from) / (static_cast<double>(epochs) - from);
}

double points_done(const KlSchedule& kl, double done) {
  const double p = std::max(0.0, kl.progress(done));
  return 0.25 * (p + 3.0 * p * p * p);
}

bool point_is_due(const KlSchedule& kl, const TimePlan& plan, size_t epoch) {
  if (epoch == plan.epochs) return true;
  const double before = points_done(kl, plan.done);
  const double late = plan.taken == 0 ? 0.5 : 0.0;  // of a step, what is not waited for
  const double steps = static_cast<double>(plan.points - plan.taken) - late;
  const auto slot = [&](size_t e) {
    const double done = points_done(kl, plan.done_at(static_cast<double>(e)));
    return std::floor((done - before) / (1.0 - before) * steps + late + 1e-9);
  };
  return slot(epoch) >= 1.0 && slot(epoch) > slot(epoch - 1);
}

TimePlan plan_rest(double share, const PathRest& wished, size_t epoch, size_t taken, double done) {
  constexpr double kLeastEpochs = 5, kLeastPoints = 2;
  const double left = 1.0 - done;
  return {.epochs = epoch + part(share, wished.epochs, kLeastEpochs * left),
          .points = taken + part(share, wished.points, kLeastPoints * left),
          .epoch = epoch,
          .taken = taken,
          .done = done};
}

}  // namespace ockham
