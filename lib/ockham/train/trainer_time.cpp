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

/// The first one is taken in any case.
bool Trainer::has_time_for_point() const {
  const double tuned_epoch = state_.plan ? state_.plan->tuned_epoch : 0.0;
  return state_.path.empty() || has_time_for(static_cast<double>(fine_tune_epochs()) * tuned_epoch);
}

/// After an epoch of the Bayes phase, the first one unless the training was gone on with: how many
/// more there is time for.
void Trainer::plan_by_time(double epoch_seconds) {
  // Those that were run: the budget may have ended them early.
  const size_t dense = state_.all_epochs - settings_.language_epochs - state_.epoch;
  const double all = seconds_now();
  TrainingCosts costs;
  costs.spent = all - state_.budget_began;
  const double done = bayes_done(), halfway = 0.5 * (done + 1.0);
  const auto texts = static_cast<double>(training_.size());
  const double whole =
      1.0 - static_cast<double>(std::min(training_.first_whole, training_.size())) / texts;
  const double tuned_dropout = settings_.fine_tune_dropout.at(halfway);
  const TimedEpoch bayes{epoch_seconds, settings_.dropout.at(done), whole};
  costs.epoch = seconds_at(settings_.dropout.at(halfway), bayes);
  costs.tuned_epoch = seconds_at(tuned_dropout, bayes);
  if (dense > 0) {
    const TimedEpoch plain{(all - epoch_seconds) / static_cast<double>(dense),
                           settings_.dense_dropout, whole};
    costs.tuned_epoch = std::min(costs.tuned_epoch, seconds_at(tuned_dropout, plain));
  }
  // The mean of what fine_tune_epochs() will be.
  costs.fine_tune_epochs = static_cast<double>(settings_.fine_tune_epochs) *
                           (1.0 + 2.0 / 3.0 * (1.0 + done + done * done));
  state_.plan =
      plan_time(*hooks_.time_budget, costs,
                {.epochs = settings_.epochs, .points = settings_.points, .tuned_epoch = 0},
                {.epochs = state_.epoch + 1, .points = state_.path.size(), .tuned_epoch = 0});
  follow(*state_.plan);
}

void Trainer::follow(const TimePlan& plan) {
  settings_.epochs = plan.epochs;
  settings_.points = plan.points;
}

}  // namespace ockham
