#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ockham/tensor/matrix.hpp"
#include "ockham/train/confidence.hpp"
#include "ockham/train/temperature.hpp"

namespace ockham {

/// How well one class is found. A quotient 0/0 counts as 0.
struct ClassScores {
  size_t count = 0;      // texts with this label
  size_t predicted = 0;  // texts that were given this label
  double precision = 0;
  double recall = 0;
  double f1 = 0;

  /// Whether any text has it or was given it.
  bool met() const { return count + predicted > 0; }
  /// What can be said: nothing where the quotient is 0/0.
  std::optional<double> known_precision() const { return known(predicted, precision); }
  std::optional<double> known_recall() const { return known(count, recall); }
  std::optional<double> known_f1() const { return known(count + predicted, f1); }

 private:
  static std::optional<double> known(size_t of, double figure) {
    return of > 0 ? std::optional(figure) : std::nullopt;
  }
};

/// Macro-F1: the mean F1 of the classes that any text has or was given (the others say nothing: a
/// model may know labels that the data do not have); 0 without any.
double mean_f1(std::span<const ClassScores> classes);

/// What predictions are worth, over n texts and C classes. The predicted class is the most probable
/// one (the first of equals), its probability is the text's confidence.
struct Evaluation {
  size_t count = 0;  // n
  double accuracy = 0;
  double accuracy_low = 0;  // Wilson's 95% interval
  double accuracy_high = 0;
  double nll = 0;    // mean of -log p[label] in nats, p taken as at least kSmallestProbability
  double brier = 0;  // mean over texts of sum_k (p_k - [label = k])^2
  double ece = 0;    // ConfidenceCurve of the most probable class's probability
  double ece_equal_mass = 0;
  double aurc = 0;
  double macro_f1 = 0;
  std::vector<ClassScores> classes;            // [C]
  std::vector<std::vector<size_t>> confusion;  // [true label][predicted label]
};

inline constexpr double kSmallestProbability = 1e-12;

/// Throws Error on a value that is no probability; one may exceed 1 by float's rounding.
void check_probabilities(ConstMatrixView probabilities);

/// probabilities [n, C], labels [n] below C. Computed in double; the order of the texts changes
/// nothing beyond rounding (texts of equal confidence count with their common accuracy).
/// Throws Error: no texts, other numbers of rows and labels, a label out of range, a value that is
/// no probability.
Evaluation evaluate_predictions(ConstMatrixView probabilities, std::span<const uint32_t> labels);

struct Interval95 {
  double low = 0;
  double high = 1;
};

/// Wilson's score interval for `successes` out of `trials`; all of [0, 1] without trials.
Interval95 wilson_interval(size_t successes, size_t trials);

/// Predictions under several draws of the weights, averaged. Entropies in nats, [n] each; of texts
/// with several labels the sum over labels, each there or not by itself.
struct MonteCarloSummary {
  Matrix mean;                             // [n, C]
  std::vector<double> predictive_entropy;  // H(mean): the whole uncertainty
  std::vector<double> expected_entropy;    // mean of H: what is ambiguous in the text itself
  std::vector<double> mutual_information;  // their difference: what the model does not know
};

/// Takes one matrix of probabilities [n, C] after the other, so that memory does not grow with the
/// number of samples.
class MonteCarloAverage {
 public:
  explicit MonteCarloAverage(ClassRelation relation = ClassRelation::exclusive)
      : relation_(relation) {}

  /// Throws Error on a value that is no probability or a shape unlike the first one's.
  void add(ConstMatrixView probabilities);
  /// Throws Error before the first add().
  MonteCarloSummary summary() const;

 private:
  ClassRelation relation_;
  size_t samples_ = 0;
  size_t rows_ = 0;
  size_t cols_ = 0;
  std::vector<double> sums_;       // [n, C]
  std::vector<double> entropies_;  // [n], summed over samples
};

MonteCarloSummary summarize_samples(std::span<const ConstMatrixView> samples);

}  // namespace ockham
