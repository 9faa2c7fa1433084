#pragma once

#include <cstddef>

namespace ockham {

/// How long the parts of a training take, with the word dropout of halfway through what is left.
struct TrainingCosts {
  double epoch = 0;             ///< of the Bayes phase, with the network as it is
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

/// What is left of the Bayes phase.
struct PathRest {
  double epochs = 0;
  double points = 0;
};

/// How much of what is `wished` there is time for in so many seconds: a share of both, 1 at most.
/// `done`: the share of the Bayes phase that is over. Near its start what is left costs less than
/// what there was: what is pruned away makes epochs cheaper.
double affordable_share(double seconds, const TrainingCosts& costs, const PathRest& wished,
                        double done);

/// The course of the Bayes phase from some epoch on: in equal steps from the share that was over
/// then to the whole.
struct TimePlan {
  size_t epochs = 0;       ///< of the phase, those before the plan included
  size_t points = 0;       ///< of the path, the same
  size_t epoch = 0;        ///< after which it was made
  size_t taken = 0;        ///< points that there were then
  double done = 0;         ///< the share of the phase that was over then
  double tuned_epoch = 0;  ///< seconds of an epoch of fine-tuning

  /// The share that is over after so many epochs of the phase.
  double done_at(double epochs_over) const;

  friend bool operator==(const TimePlan&, const TimePlan&) = default;
};

/// The plan for what is left after `epoch` epochs and `taken` points: the affordable share of what
/// is wished, with at least five epochs and two points where all is left, so that the path comes to
/// its end, if in larger steps.
TimePlan plan_rest(double share, const PathRest& wished, size_t epoch, size_t taken, double done);

}  // namespace ockham
