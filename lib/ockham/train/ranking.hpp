#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ockham/tensor/matrix.hpp"
#include "ockham/text/label_lists.hpp"

namespace ockham {

/// How well scores put texts of a class before all others. Nothing where the texts have none of
/// them, or, for the area, nothing but them.
struct Ranking {
  /// Area under the ROC curve: how likely a text of the class scores above one of no such class,
  /// ties half (Hanley & McNeil 1982).
  std::optional<double> roc_auc;
  /// sum_k (R_k - R_{k-1}) P_k over all thresholds, precision P and recall R, equal scores taken
  /// together: what scikit-learn calls average precision.
  std::optional<double> average_precision;
};

/// scores [n], is_of_class [n] 0 or 1. Throws Error for a score that is no number.
Ranking rank(std::span<const float> scores, std::span<const uint8_t> is_of_class);

/// Each class against the rest: probabilities [n, C], labels [n] of any number each.
std::vector<Ranking> rank_classes(ConstMatrixView probabilities, const LabelLists& labels);

/// The means over the classes that have them.
Ranking mean_ranking(std::span<const Ranking> classes);

/// McNemar's exact test (1947) of two models on the same texts: how likely, if both were as good,
/// the texts that one alone has right would be split so unevenly, or more so, two-sided; 1 without
/// any such text.
double mcnemar_p(size_t only_first_right, size_t only_second_right);

}  // namespace ockham
