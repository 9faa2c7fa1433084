#include "apps/evaluation_report.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

namespace ockham {
namespace {

using nlohmann::json;

std::string written(const json& object) {
  return object.dump(1, ' ', false, json::error_handler_t::replace);
}

/// null where there is no figure.
json optional_json(const std::optional<double>& figure) {
  return figure ? json(*figure) : json(nullptr);
}

json class_json(std::span<const ClassScores> scores, const EvaluationReport& report,
                const std::vector<std::string>& classes) {
  json per_class = json::object();
  for (size_t c = 0; c < classes.size(); ++c) {
    per_class[classes[c]] = {
        {"count", scores[c].count},
        {"predicted", scores[c].predicted},
        {"precision", scores[c].precision},
        {"recall", scores[c].recall},
        {"f1", scores[c].f1},
        {"roc_auc", optional_json(report.rankings[c].roc_auc)},
        {"average_precision", optional_json(report.rankings[c].average_precision)}};
  }
  return per_class;
}

json reliability_json(const ConfidenceCurve& curve) {
  json bins = json::array();
  for (const ReliabilityBin& bin : curve.reliability()) {
    bins.push_back(
        {{"count", bin.count}, {"confidence", bin.confidence}, {"accuracy", bin.accuracy}});
  }
  return bins;
}

json coverage_json(const EvaluationReport& report) {
  json by = json::object();
  for (const Sureness& sureness : report.sureness) {
    json accuracies = json::object();
    for (const double coverage : kCoverages) {
      accuracies[std::to_string(static_cast<int>(std::lround(100 * coverage)))] =
          sureness.curve.accuracy_at(coverage);
    }
    by[sureness.key] = {{"aurc", sureness.curve.aurc()}, {"accuracy_at", accuracies}};
  }
  return by;
}

json confusions_json(const EvaluationReport& report, const Judged& judged) {
  json confusions = json::array();
  for (const Confusion& confusion : report.confusions) {
    json texts = json::array();
    for (const size_t i : confusion.texts) {
      texts.push_back({{"where", judged.dataset.where(i)},
                       {"probability", judged.probabilities(i, confusion.given)},
                       {"text", judged.dataset.text(i)}});
    }
    confusions.push_back({{"label", judged.classes[confusion.label]},
                          {"given", judged.classes[confusion.given]},
                          {"count", confusion.count},
                          {"texts", texts}});
  }
  return confusions;
}

json to_json(const Evaluation& e, const EvaluationReport& report, const Judged& judged) {
  const Ranking mean = mean_ranking(report.rankings);
  json object = {{"count", e.count},
                 {"accuracy", e.accuracy},
                 {"accuracy_low", e.accuracy_low},
                 {"accuracy_high", e.accuracy_high},
                 {"nll", e.nll},
                 {"brier", e.brier},
                 {"ece", e.ece},
                 {"ece_equal_mass", e.ece_equal_mass},
                 {"reliability", reliability_json(report.sureness.front().curve)},
                 {"aurc", e.aurc},
                 {"risk_coverage", coverage_json(report)},
                 {"macro_f1", e.macro_f1},
                 {"micro_f1", e.accuracy},
                 {"roc_auc", optional_json(mean.roc_auc)},
                 {"average_precision", optional_json(mean.average_precision)},
                 {"texts_per_second", report.texts_a_second},
                 {"classes", class_json(e.classes, report, judged.classes)},
                 {"labels", judged.classes},
                 {"confusion", e.confusion}};
  if (!report.confusions.empty()) object["errors"] = confusions_json(report, judged);
  return object;
}

json to_json(const LabelSetEvaluation& e, const EvaluationReport& report, const Judged& judged) {
  const Ranking mean = mean_ranking(report.rankings);
  return {{"count", e.count},
          {"accuracy", e.subset_accuracy},
          {"accuracy_low", e.subset_accuracy_low},
          {"accuracy_high", e.subset_accuracy_high},
          {"micro_precision", e.micro_precision},
          {"micro_recall", e.micro_recall},
          {"micro_f1", e.micro_f1},
          {"macro_f1", e.macro_f1},
          {"nll", e.nll},
          {"brier", e.brier},
          {"ece", e.ece},
          {"roc_auc", optional_json(mean.roc_auc)},
          {"average_precision", optional_json(mean.average_precision)},
          {"texts_per_second", report.texts_a_second},
          {"classes", class_json(e.classes, report, judged.classes)},
          {"labels", judged.classes}};
}

}  // namespace

std::string evaluation_json(const EvaluationReport& report, const Judged& judged) {
  return written(report.evaluation ? to_json(*report.evaluation, report, judged)
                                   : to_json(*report.labels, report, judged));
}

}  // namespace ockham
