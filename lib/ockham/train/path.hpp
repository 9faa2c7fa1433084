#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "ockham/train/criterion.hpp"

namespace ockham {

/// One model on the path from accurate to small.
struct PathPoint {
  double kl_scale = 0;
  double accuracy = 0;  ///< on validation, after pruning and fine-tuning
  double macro_f1 = 0;
  double micro_f1 = 0;
  double nll = 0;
  double temperature = 1;   ///< that logits are divided by, fitted to the same texts
  double ece = 0;           ///< on them, with it
  double ece_unscaled = 0;  ///< and without
  /// Going on from a model: how far its answers to made-up texts are kept, as accuracy, or micro-F1
  /// where texts have several labels.
  std::optional<double> kept;
  size_t ngrams = 0;
  size_t units = 0;    ///< of all directions; those of dense layers are not counted
  size_t gates = 0;    ///< gate columns that hang on their input, of all directions
  size_t weights = 0;  ///< without biases
  size_t bytes = 0;    ///< of its deployable file

  /// False in folders from before there was any.
  bool calibration_known() const { return ece > 0 || ece_unscaled > 0 || temperature != 1.0; }

  friend bool operator==(const PathPoint&, const PathPoint&) = default;
};

/// What a user may ask of the model to be chosen.
struct PathWish {
  std::optional<size_t> max_bytes;
  std::optional<double> min_accuracy;  ///< of the criterion

  bool any() const { return max_bytes || min_accuracy; }
  friend bool operator==(const PathWish&, const PathWish&) = default;
};

/// How the points of a path were measured, and what they are compared by.
struct PathMeasure {
  size_t texts = 0;  ///< of the validation set
  Criterion criterion = Criterion::accuracy;
  double guess = 0;  ///< what always giving the most frequent label reaches of it; 0: not known
  size_t made_up_texts = 0;  ///< that PathPoint::kept was measured on; 0: none
  /// Points are compared by the mean of the criterion on the validation set and of `kept`, of which
  /// `guess` is one then too; else by the criterion on the validation set alone.
  bool by_kept = false;

  friend bool operator==(const PathMeasure&, const PathMeasure&) = default;
};

/// How much validation weighs in what points are compared by, beside what is kept: half, or less
/// where it has under 100 texts, for then every one of them would outweigh a good deal of
/// forgetting.
double validation_share(const PathMeasure& measure);

/// The number of texts whose mean has the standard error of what points are compared by.
double effective_texts(const PathMeasure& measure);

/// Whether a score is above `guess` by more than two standard errors.
bool beats_guessing(double score, const PathMeasure& measure);

/// What points are compared by, 0 to 1.
double score(const PathPoint& point, const PathMeasure& measure);

/// Which point to take. Without wishes the smallest that is about as good as the best one:
///   - its accuracy (or what else the criterion is) is within one standard error, half a point, a
///     tenth of the best one's errors and a tenth of what the best one wins over guessing;
///   - its macro-F1 is within twice that of the best one's, so that a rare class is not given up;
///   - of those its NLL is within 0.005 nats, or a hundredth, of the lowest (not where the
///     criterion is macro-F1).
/// All of these are means of a point and of its neighbours on the path, those less than a half
/// larger or smaller, so that it is not luck that is chosen. Going on from a model (`by_kept`)
/// points stand for themselves and the NLL does not count: of few texts of a new label neighbours
/// may have lost what one has kept.
///
/// With max_bytes: the most accurate that fits, the smaller of equals; with min_accuracy: the
/// smallest that reaches it; with both: the smallest that reaches it and fits. Wishes look at the
/// criterion of each point only. Throws Error that names the nearest point when none will do.
size_t choose_point(std::span<const PathPoint> path, const PathMeasure& measure,
                    const PathWish& wish);

/// The point that comes nearest to wishes that none meets: the most accurate of those in the size,
/// or else the smallest.
size_t nearest_point(std::span<const PathPoint> path, const PathMeasure& measure,
                     const PathWish& wish);

}  // namespace ockham
