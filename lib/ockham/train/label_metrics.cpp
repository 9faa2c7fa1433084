#include "ockham/train/label_metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/train/ratio.hpp"

namespace ockham {
namespace {

double f1_score(size_t hits, size_t predicted, size_t count) {
  return ratio(2 * hits, predicted + count);
}

void check(ConstMatrixView probabilities, const LabelLists& labels) {
  if (labels.size() == 0) fail("there are no texts to evaluate on");
  if (probabilities.rows != labels.size()) {
    fail(probabilities.rows, " predictions cannot be compared with the labels of ", labels.size(),
         " texts");
  }
  for (const uint32_t label : labels.ids) {
    if (label >= probabilities.cols) {
      fail("a text has label number ", label, ", but the model knows ", probabilities.cols,
           " labels");
    }
  }
  check_probabilities(probabilities);
}

/// Calibration over all pairs of text and label.
class PairCalibration {
 public:
  void add(double p, bool right) {
    excess_[calibration_bin(p)] += p - (right ? 1.0 : 0.0);
    ++pairs_;
  }
  double error() const {
    double sum = 0;
    for (const double e : excess_) sum += std::abs(e);
    return sum / static_cast<double>(std::max<size_t>(1, pairs_));
  }

 private:
  std::array<double, kCalibrationBins> excess_{};  // n_bin (mean p - share of labels)
  size_t pairs_ = 0;
};

/// Hits of each class, and the sums over the texts.
struct Tally {
  std::vector<size_t> hits;
  size_t right_texts = 0;
  PairCalibration calibration;
};

void score_text(std::span<const float> row, std::span<const uint32_t> labels,
                std::span<const float> thresholds, LabelSetEvaluation& evaluation, Tally& tally) {
  bool all_right = true;
  for (size_t k = 0; k < row.size(); ++k) {
    const bool has = std::ranges::binary_search(labels, static_cast<uint32_t>(k));
    const bool given = row[k] >= thresholds[k];
    const double p = std::min(1.0, double{row[k]});
    evaluation.classes[k].count += has;
    evaluation.classes[k].predicted += given;
    tally.hits[k] += has && given;
    all_right &= has == given;
    evaluation.nll -= std::log(std::max(has ? p : 1.0 - p, kSmallestProbability));
    evaluation.brier += (p - (has ? 1.0 : 0.0)) * (p - (has ? 1.0 : 0.0));
    tally.calibration.add(p, has);
  }
  tally.right_texts += all_right;
}

void score_classes(const Tally& tally, LabelSetEvaluation& evaluation) {
  size_t hits = 0, predicted = 0, count = 0;
  for (size_t k = 0; k < evaluation.classes.size(); ++k) {
    ClassScores& scores = evaluation.classes[k];
    scores.precision = ratio(tally.hits[k], scores.predicted);
    scores.recall = ratio(tally.hits[k], scores.count);
    scores.f1 = f1_score(tally.hits[k], scores.predicted, scores.count);
    hits += tally.hits[k];
    predicted += scores.predicted;
    count += scores.count;
  }
  evaluation.macro_f1 = mean_f1(evaluation.classes);
  evaluation.micro_precision = ratio(hits, predicted);
  evaluation.micro_recall = ratio(hits, count);
  evaluation.micro_f1 = f1_score(hits, predicted, count);
}

/// A text's probability of one label, and whether it has it.
using Scored = std::pair<float, bool>;

float best_threshold(std::vector<Scored>& texts, size_t count) {
  std::ranges::sort(texts, std::ranges::greater{}, &Scored::first);
  double best = -1.0;
  float threshold = 0.5f;
  size_t hits = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    hits += texts[i].second;
    const float p = texts[i].first, next = i + 1 < texts.size() ? texts[i + 1].first : 0.0f;
    if (p == next && i + 1 < texts.size()) continue;  // no threshold parts the two
    const double f1 = f1_score(hits, i + 1, count);
    if (f1 <= best) continue;
    best = f1;
    const float middle = next + 0.5f * (p - next);
    threshold =
        std::min(1.0f, middle > next ? middle : p);  // of neighbours the middle may be either
  }
  return threshold;
}

}  // namespace

LabelSetEvaluation evaluate_label_sets(ConstMatrixView probabilities, const LabelLists& labels,
                                       std::span<const float> thresholds) {
  check(probabilities, labels);
  if (thresholds.size() != probabilities.cols) {
    fail(thresholds.size(), " thresholds do not fit ", probabilities.cols, " labels");
  }
  LabelSetEvaluation evaluation;
  evaluation.count = labels.size();
  evaluation.classes.resize(probabilities.cols);
  Tally tally;
  tally.hits.resize(probabilities.cols);
  for (size_t r = 0; r < labels.size(); ++r) {
    score_text(probabilities.row_span(r), labels[r], thresholds, evaluation, tally);
  }
  score_classes(tally, evaluation);
  const auto n = static_cast<double>(evaluation.count);
  evaluation.subset_accuracy = static_cast<double>(tally.right_texts) / n;
  const Interval95 interval = wilson_interval(tally.right_texts, evaluation.count);
  evaluation.subset_accuracy_low = interval.low;
  evaluation.subset_accuracy_high = interval.high;
  evaluation.nll /= n;
  evaluation.brier /= n;
  evaluation.ece = tally.calibration.error();
  return evaluation;
}

std::vector<float> fit_thresholds(ConstMatrixView probabilities, const LabelLists& labels,
                                  std::span<const float> otherwise) {
  check(probabilities, labels);
  std::vector<float> thresholds(otherwise.begin(), otherwise.end());
  thresholds.resize(probabilities.cols, 0.5f);
  std::vector<size_t> counts(probabilities.cols, 0);
  for (const uint32_t label : labels.ids) ++counts[label];
  std::vector<Scored> texts(labels.size());
  for (size_t k = 0; k < probabilities.cols; ++k) {
    if (counts[k] == 0) continue;
    for (size_t r = 0; r < labels.size(); ++r) {
      const bool has = std::ranges::binary_search(labels[r], static_cast<uint32_t>(k));
      texts[r] = {probabilities(r, k), has};
    }
    thresholds[k] = best_threshold(texts, counts[k]);
  }
  return thresholds;
}

}  // namespace ockham
