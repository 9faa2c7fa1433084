#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ockham/tensor/matrix.hpp"
#include "ockham/text/label_lists.hpp"
#include "ockham/train/metrics.hpp"

namespace ockham {

/// What predictions are worth where a text may have any number of labels, over n texts and C of
/// them. A label is given where its probability reaches its threshold. A quotient 0/0 counts as 0.
struct LabelSetEvaluation {
  size_t count = 0;                // n
  double subset_accuracy = 0;      // texts whose labels are all right
  double subset_accuracy_low = 0;  // Wilson's 95% interval
  double subset_accuracy_high = 0;
  double micro_precision = 0;  // over all pairs of text and label
  double micro_recall = 0;
  double micro_f1 = 0;
  double macro_f1 = 0;
  double nll = 0;    // mean over texts of the labels' summed -log p(right answer), in nats
  double brier = 0;  // mean over texts of sum_k (p_k - [k is a label])^2
  double ece = 0;    // expected calibration error of p over all pairs, 15 bins (lo, hi]
  std::vector<ClassScores> classes;  // [C]
};

/// probabilities [n, C], thresholds [C]. Throws Error as evaluate_predictions() does.
LabelSetEvaluation evaluate_label_sets(ConstMatrixView probabilities, const LabelLists& labels,
                                       std::span<const float> thresholds);

/// For each label the threshold of the best F1 on these texts (Lipton et al. 2014): halfway between
/// the last probability that it takes and the first that it leaves; of equal ones the highest,
/// which gives a label less readily. For a label that no text has the one of `otherwise` [C], or
/// 0.5 where that is empty.
std::vector<float> fit_thresholds(ConstMatrixView probabilities, const LabelLists& labels,
                                  std::span<const float> otherwise = {});

}  // namespace ockham
