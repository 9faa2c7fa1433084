#pragma once

#include <cstddef>

#include "ockham/train/schedule.hpp"

namespace ockham {

/// How many seconds the parts of a training take, with the word dropout of halfway through what is
/// left.
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
/// `done`: the share of the Bayes phase that is over. What is pruned away makes epochs cheaper,
/// most of all in the second half.
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

/// How far the points are when such a share of the Bayes phase is over, 0 to 1: (p + 3 p^3) / 4, p
/// the KL schedule's progress. Files shrink ever faster while the schedule goes on: by equal steps
/// of this their sizes are about as far apart on a logarithmic scale, up to where the first models
/// differ in little.
double points_done(const KlSchedule& kl, double done);

/// Whether a point of the path is due after `epoch` epochs: at equal steps of points_done(), the
/// path's first one after half a step, the last one at the end.
bool point_is_due(const KlSchedule& kl, const TimePlan& plan, size_t epoch);

/// The plan for what is left after `epoch` epochs and `taken` points: the affordable share of what
/// is wished, with at least five epochs and two points where all is left, so that the path comes to
/// its end, if in larger steps.
TimePlan plan_rest(double share, const PathRest& wished, size_t epoch, size_t taken, double done);

}  // namespace ockham
