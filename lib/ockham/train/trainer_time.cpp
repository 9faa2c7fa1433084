#include <algorithm>
#include <chrono>
#include <cmath>

#include "ockham/train/trainer.hpp"

// A training's time: what it has taken, and what a budget leaves.

namespace ockham {

double Trainer::seconds_now() const {
  const auto since = std::chrono::steady_clock::now() - last_epoch_end_;
  return state_.seconds + std::chrono::duration<double>(since).count();
}

/// In seconds of training.
double Trainer::deadline() const {
  return state_.budget_began + hooks_.time_budget.value_or(INFINITY);
}

bool Trainer::has_time_for(double seconds) const {
  return seconds_now() + seconds <= deadline();
}

/// 0 as long as nothing is known.
double Trainer::point_seconds() const {
  const double tuned_epoch = state_.plan ? state_.plan->tuned_epoch : 0.0;
  return static_cast<double>(fine_tune_epochs()) * tuned_epoch;
}

/// The first one is taken in any case.
bool Trainer::has_time_for_point() const {
  return state_.path.empty() || has_time_for(point_seconds());
}

/// Whether a point now is the last one that there is time for, for another epoch leaves none.
bool Trainer::is_last_chance() const {
  return state_.plan && !state_.path.empty() && has_time_for(point_seconds()) &&
         !has_time_for(bayes_epoch_.seconds + point_seconds());
}

/// What the Bayes phase goes by: the latest plan, or the settings.
TimePlan Trainer::course() const {
  if (state_.plan) return *state_.plan;
  return {.epochs = settings_.epochs, .points = settings_.points};
}

TimedEpoch Trainer::timed(double seconds, double dropout) const {
  const auto texts = static_cast<double>(training_.size());
  const size_t dropped = std::min(training_.first_whole, training_.size());
  return {seconds, dropout, 1.0 - static_cast<double>(dropped) / texts};
}

/// Before any point of this run: as those that a plan knows of, or the dense epochs before the
/// first Bayes one, unless that was faster.
TimedEpoch Trainer::foreseen_tuned_epoch() const {
  if (state_.plan && !state_.path.empty() && state_.plan->tuned_epoch > 0.0) {
    return timed(state_.plan->tuned_epoch, settings_.fine_tune_dropout.at(bayes_done()));
  }
  // Those that were run: the budget may have ended them early.
  const size_t dense = state_.all_epochs - settings_.language_epochs - state_.epoch;
  if (state_.epoch != 1 || dense == 0) return bayes_epoch_;
  const TimedEpoch plain = timed(
      (seconds_now() - bayes_epoch_.seconds) / static_cast<double>(dense), settings_.dense_dropout);
  const double at = bayes_epoch_.dropout;
  return seconds_at(at, plain) < bayes_epoch_.seconds ? plain : bayes_epoch_;
}

/// No more than a point after every epoch, and one at the end where the KL's scale never rises.
PathRest Trainer::wished_rest(double done) const {
  const double epochs = (1.0 - done) * static_cast<double>(settings_.epochs);
  const double points =
      (1.0 - points_done(settings_.kl, done)) * static_cast<double>(settings_.points);
  return {epochs, settings_.kl.first_warm_up() < 1.0 ? std::min(points, epochs) : 1.0};
}

void Trainer::begin_budget() {
  state_.budget_began = state_.seconds;
  if (!state_.plan) return;
  const double done = bayes_done(), tuned_epoch = state_.plan->tuned_epoch;
  if (state_.plan->epoch == 0) return state_.plan.reset();
  if (done >= 1.0) return;  // at the end of the scale there is nothing to give back
  state_.plan = plan_rest(1.0, wished_rest(done), state_.epoch, state_.path.size(), done);
  state_.plan->tuned_epoch = tuned_epoch;
}

/// After the first epoch of the Bayes phase that this run has timed, and after every point, when
/// what a point costs is known anew: how many more of both there is time for.
void Trainer::plan_by_time() {
  if (!hooks_.time_budget || bayes_epoch_.seconds == 0.0) return;
  constexpr double kReserve = 0.05;  // of the budget, for validation, files and the end
  const double done = bayes_done(), halfway = 0.5 * (done + 1.0);
  if (done >= 1.0) return;
  const TimedEpoch tuned = tuned_epoch_.seconds > 0.0 ? tuned_epoch_ : foreseen_tuned_epoch();
  const TrainingCosts costs{
      .epoch = seconds_at(settings_.dropout.at(halfway), bayes_epoch_),
      .tuned_epoch = seconds_at(settings_.fine_tune_dropout.at(halfway), tuned),
      // The mean of what fine_tune_epochs() will be.
      .fine_tune_epochs = static_cast<double>(settings_.fine_tune_epochs) *
                          (1.0 + 2.0 / 3.0 * (1.0 + done + done * done))};
  const PathRest wished = wished_rest(done);
  const double left = deadline() - seconds_now() - kReserve * *hooks_.time_budget;
  const double share = affordable_share(left, costs, wished, done);
  const bool whole = !state_.plan || state_.plan->epoch == 0;
  if (whole && share == 1.0) {  // nothing was cut so far
    state_.plan = {.epochs = settings_.epochs, .points = settings_.points};
  } else {
    state_.plan = plan_rest(share, wished, state_.epoch, state_.path.size(), done);
  }
  state_.plan->tuned_epoch = seconds_at(settings_.fine_tune_dropout.at(done), tuned);
  planned_ = true;
}

}  // namespace ockham
