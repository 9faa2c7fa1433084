#include "apps/evaluation_report.hpp"

#include <algorithm>
#include <utility>

namespace ockham {
namespace {

/// Sorted by the probability of what was given, by the entropy of all and, where weights were
/// drawn, by what is left of it that the model does not know.
std::vector<Sureness> sureness_of(const Judged& judged) {
  const MonteCarloSummary entropies =
      judged.samples ? *judged.samples : summarize_samples({{judged.probabilities.view()}});
  std::vector<ScoredPrediction> by_probability, by_entropy, by_information;
  for (size_t i = 0; i < judged.labels.size(); ++i) {
    const uint32_t given = judged.given(i);
    const double right = given == judged.labels[i].front() ? 1.0 : 0.0;
    by_probability.push_back({judged.probabilities(i, given), right});
    by_entropy.push_back({-entropies.predictive_entropy[i], right});
    by_information.push_back({-entropies.mutual_information[i], right});
  }
  std::vector<Sureness> all;
  all.push_back({"probability", "probability", ConfidenceCurve(std::move(by_probability))});
  if (judged.classes.size() > 2 || judged.samples) {  // of two classes it sorts as the probability
    all.push_back({"entropy", "entropy", ConfidenceCurve(std::move(by_entropy))});
  }
  if (judged.samples) {
    all.push_back(
        {"mutual information", "mutual_information", ConfidenceCurve(std::move(by_information))});
  }
  return all;
}

}  // namespace

EvaluationReport make_evaluation_report(const Judged& judged, size_t errors) {
  EvaluationReport report;
  report.texts_a_second =
      static_cast<double>(judged.labels.size()) / std::max(judged.seconds, 1e-9);
  if (judged.several_labels()) {
    report.labels = evaluate_label_sets(judged.probabilities, judged.labels, judged.thresholds);
    report.rankings = rank_classes(judged.probabilities, judged.labels);
    return report;
  }
  report.evaluation = evaluate_predictions(judged.probabilities, judged.labels.ids);
  report.rankings = rank_classes(judged.probabilities, judged.labels);
  report.sureness = sureness_of(judged);
  if (errors > 0) report.confusions = top_confusions(judged, errors);
  return report;
}

}  // namespace ockham
