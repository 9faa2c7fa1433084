#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/judged.hpp"
#include "ockham/train/confidence.hpp"
#include "ockham/train/label_metrics.hpp"
#include "ockham/train/metrics.hpp"
#include "ockham/train/ranking.hpp"

namespace ockham {

/// Texts sorted by how sure their predictions are, in one of the ways to tell.
struct Sureness {
  std::string by;   ///< e.g. "probability"
  std::string key;  ///< its name in JSON
  ConfidenceCurve curve;
};

/// Shares of the texts, the surest first, whose accuracy is told.
inline constexpr double kCoverages[] = {0.8, 0.9, 0.95, 0.99};

/// All that `ockham evaluate` says of one model.
struct EvaluationReport {
  std::optional<Evaluation> evaluation;      ///< of texts of one label
  std::optional<LabelSetEvaluation> labels;  ///< or of several
  std::vector<Ranking> rankings;             ///< of each class
  std::vector<Sureness> sureness;            ///< of texts of one label, by probability first
  std::vector<Confusion> confusions;         ///< where they were asked for
  double texts_a_second = 0;
};

EvaluationReport make_evaluation_report(const Judged& judged, size_t errors);

/// One JSON object, with `count`, `accuracy`, `nll` and `ece` among the rest. Where texts have
/// several labels, `accuracy` is the share of texts whose labels are all right.
std::string evaluation_json(const EvaluationReport& report, const Judged& judged);

/// The same for people, on stdout, in 80 columns.
void print_evaluation(const EvaluationReport& report, const Judged& judged);

}  // namespace ockham
