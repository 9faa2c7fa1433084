#pragma once

#include <cstddef>

namespace ockham {

/// How long the parts of a training take, with the word dropout of halfway to its end.
struct TrainingCosts {
  double spent = 0;             ///< seconds so far
  double epoch = 0;             ///< of the Bayes phase, with the network as large as it begins
  double tuned_epoch = 0;       ///< without noise, in which points are fine-tuned
  double fine_tune_epochs = 0;  ///< of a point, on average over what is left
};

/// An epoch that was timed.
struct TimedEpoch {
  double seconds = 0;
  double dropout = 0;  ///< of words
  double whole = 0;    ///< share of the texts of which no words are dropped
};

/// How long it would take with another word dropout: a fifth of it, measured on IMDb (Adam, noise,
/// order and the like), does not go by the tokens that are left.
double seconds_at(double dropout, const TimedEpoch& timed);

/// How much of a training there is time for.
struct TimePlan {
  size_t epochs = 0;       ///< of the Bayes phase
  size_t points = 0;       ///< of the path
  double tuned_epoch = 0;  ///< seconds of an epoch of fine-tuning

  friend bool operator==(const TimePlan&, const TimePlan&) = default;
};

/// `wished` as it is where the budget (in seconds) holds it; else fewer of the epochs and points
/// that are not `done` yet, in the same proportion, so that the path still comes to its end, with
/// at least 5 more epochs and 2 more points. At least one epoch is done: the one that was timed.
TimePlan plan_time(double budget, const TrainingCosts& costs, const TimePlan& wished,
                   const TimePlan& done);

}  // namespace ockham
