#include "ockham/train/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/train/ratio.hpp"

namespace ockham {
namespace {

/// A softmax in float may exceed 1 by its rounding.
constexpr double kProbabilitySlack = 1e-4;

size_t index_of_largest(std::span<const float> values) {
  return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

void check(ConstMatrixView probabilities, std::span<const uint32_t> labels) {
  if (labels.empty()) fail("there are no texts to evaluate on");
  if (probabilities.rows != labels.size()) {
    fail(probabilities.rows, " predictions cannot be compared with ", labels.size(), " labels");
  }
  for (size_t r = 0; r < labels.size(); ++r) {
    if (labels[r] >= probabilities.cols) {
      fail("text ", r + 1, " has label number ", labels[r], ", but the model knows ",
           probabilities.cols, " labels");
    }
  }
  check_probabilities(probabilities);
}

double brier_score(std::span<const float> probabilities, uint32_t label) {
  double sum = 0;
  for (size_t k = 0; k < probabilities.size(); ++k) {
    const double difference = probabilities[k] - (k == label ? 1.0 : 0.0);
    sum += difference * difference;
  }
  return sum;
}

/// -p log p in nats, 0 log 0 = 0.
double surprise(double p) {
  return p > 0 ? -p * std::log(p) : 0.0;
}

/// H = -sum p log p of one class of all; of classes that are independent the sum of what each is
/// there or not: -sum p log p + (1 - p) log(1 - p).
template <typename T>
double entropy(std::span<const T> probabilities, ClassRelation relation) {
  double sum = 0;
  for (const double p : probabilities) {
    sum += surprise(p);
    if (relation == ClassRelation::independent) sum += surprise(1.0 - p);
  }
  return sum;
}

void score_classes(Evaluation& evaluation) {
  const size_t classes = evaluation.confusion.size();
  evaluation.classes.resize(classes);
  for (size_t k = 0; k < classes; ++k) {
    ClassScores& scores = evaluation.classes[k];
    for (size_t other = 0; other < classes; ++other) {
      scores.count += evaluation.confusion[k][other];
      scores.predicted += evaluation.confusion[other][k];
    }
    const auto hits = static_cast<double>(evaluation.confusion[k][k]);
    scores.precision = ratio(hits, static_cast<double>(scores.predicted));
    scores.recall = ratio(hits, static_cast<double>(scores.count));
    scores.f1 = ratio(2 * scores.precision * scores.recall, scores.precision + scores.recall);
  }
  evaluation.macro_f1 = mean_f1(evaluation.classes);
}

}  // namespace

double mean_f1(std::span<const ClassScores> classes) {
  double sum = 0.0;
  size_t met = 0;
  for (const ClassScores& scores : classes) {
    if (!scores.met()) continue;
    sum += scores.f1;
    ++met;
  }
  return met == 0 ? 0.0 : sum / static_cast<double>(met);
}

void check_probabilities(ConstMatrixView probabilities) {
  for (size_t r = 0; r < probabilities.rows; ++r) {
    for (const float p : probabilities.row_span(r)) {
      if (!(p >= 0.0f && p <= 1.0 + kProbabilitySlack)) {
        fail("text ", r + 1, " of ", probabilities.rows, " was given ", p,
             " as a probability; the model is damaged or its training diverged");
      }
    }
  }
}

Evaluation evaluate_predictions(ConstMatrixView probabilities, std::span<const uint32_t> labels) {
  check(probabilities, labels);
  const size_t classes = probabilities.cols;
  Evaluation evaluation;
  evaluation.count = labels.size();
  evaluation.confusion.assign(classes, std::vector<size_t>(classes));
  std::vector<ScoredPrediction> outcomes;
  outcomes.reserve(labels.size());
  size_t correct = 0;
  for (size_t r = 0; r < labels.size(); ++r) {
    const std::span<const float> row = probabilities.row_span(r);
    const size_t predicted = index_of_largest(row);
    const bool right = predicted == labels[r];
    correct += right;
    ++evaluation.confusion[labels[r]][predicted];
    evaluation.nll -= std::log(std::max<double>(row[labels[r]], kSmallestProbability));
    evaluation.brier += brier_score(row, labels[r]);
    outcomes.push_back({row[predicted], right ? 1.0 : 0.0});
  }
  const auto n = static_cast<double>(evaluation.count);
  evaluation.accuracy = static_cast<double>(correct) / n;
  evaluation.nll /= n;
  evaluation.brier /= n;
  const Interval95 interval = wilson_interval(correct, evaluation.count);
  evaluation.accuracy_low = interval.low;
  evaluation.accuracy_high = interval.high;
  score_classes(evaluation);
  const ConfidenceCurve curve(std::move(outcomes));
  evaluation.ece = curve.calibration_error();
  evaluation.ece_equal_mass = curve.calibration_error_equal_mass();
  evaluation.aurc = curve.aurc();
  return evaluation;
}

Interval95 wilson_interval(size_t successes, size_t trials) {
  if (trials == 0) return {};
  constexpr double kZ = 1.959963984540054;  // 97.5% quantile of the normal distribution
  const auto n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double scale = 1 / (1 + kZ * kZ / n);
  const double middle = scale * (p + kZ * kZ / (2 * n));
  const double half = scale * kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  // It always holds p; rounding at 0 and 1 must not say otherwise.
  return {std::clamp(middle - half, 0.0, p), std::clamp(middle + half, p, 1.0)};
}

void MonteCarloAverage::add(ConstMatrixView probabilities) {
  check_probabilities(probabilities);
  if (samples_ == 0) {
    rows_ = probabilities.rows;
    cols_ = probabilities.cols;
    sums_.assign(rows_ * cols_, 0.0);
    entropies_.assign(rows_, 0.0);
  }
  if (probabilities.rows != rows_ || probabilities.cols != cols_) {
    fail("a sample of predictions is ", probabilities.rows, " x ", probabilities.cols,
         ", the first one was ", rows_, " x ", cols_);
  }
  ++samples_;
  for (size_t r = 0; r < rows_; ++r) {
    const std::span<const float> row = probabilities.row_span(r);
    for (size_t c = 0; c < cols_; ++c) sums_[r * cols_ + c] += row[c];
    entropies_[r] += entropy(row, relation_);
  }
}

MonteCarloSummary MonteCarloAverage::summary() const {
  if (samples_ == 0) fail("there are no samples of predictions to average");
  const auto samples = static_cast<double>(samples_);
  MonteCarloSummary summary;
  summary.mean.reshape(rows_, cols_);
  std::vector<double> mean(cols_);
  for (size_t r = 0; r < rows_; ++r) {
    for (size_t c = 0; c < cols_; ++c) {
      mean[c] = sums_[r * cols_ + c] / samples;
      summary.mean(r, c) = static_cast<float>(mean[c]);
    }
    const double whole = entropy(std::span<const double>(mean), relation_);
    const double expected = entropies_[r] / samples;
    summary.predictive_entropy.push_back(whole);
    summary.expected_entropy.push_back(expected);
    // Never negative by Jensen's inequality; rounding may say otherwise.
    summary.mutual_information.push_back(std::max(0.0, whole - expected));
  }
  return summary;
}

MonteCarloSummary summarize_samples(std::span<const ConstMatrixView> samples) {
  MonteCarloAverage average;
  for (const ConstMatrixView& sample : samples) average.add(sample);
  return average.summary();
}

}  // namespace ockham
