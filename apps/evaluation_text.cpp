#include "apps/evaluation_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "apps/terminal_text.hpp"

namespace ockham {
namespace {

using nlohmann::json;

std::string written(const json& object) {
  return object.dump(1, ' ', false, json::error_handler_t::replace);
}

constexpr double kCoverages[] = {0.8, 0.9, 0.95, 0.99};

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

/// "97.12%", or "-" where there is no figure.
std::string percent_or_dash(const std::optional<double>& figure) {
  return figure ? percent_text(*figure) + "%" : "-";
}

void print_classes(std::span<const ClassScores> scores, std::span<const Ranking> rankings,
                   const std::vector<std::string>& classes) {
  size_t width = 5;
  for (const std::string& name : classes) {
    width = std::max(width, std::min<size_t>(display_width(name), 24));
  }
  std::printf("\n%s   texts  precision  recall      F1 ROC AUC avg.prec.\n",
              cell("label", width).c_str());
  for (size_t c = 0; c < classes.size(); ++c) {
    const ClassScores& s = scores[c];
    if (!s.met()) {
      std::printf("%s %7d %10s %7s %7s %7s %9s\n", cell(classes[c], width).c_str(), 0, "-", "-",
                  "-", "-", "-");
      continue;
    }
    std::printf("%s %7zu %9.2f%% %6.2f%% %6.2f%% %7s %9s\n", cell(classes[c], width).c_str(),
                s.count, 100 * s.precision, 100 * s.recall, 100 * s.f1,
                percent_or_dash(rankings[c].roc_auc).c_str(),
                percent_or_dash(rankings[c].average_precision).c_str());
  }
}

void print_sureness(std::span<const Sureness> all) {
  std::printf(
      "\naccuracy of the surest   80%%     90%%     95%%     99%%    AURC, less is better\n");
  for (const Sureness& sureness : all) {
    std::printf("by %-18s", sureness.by.c_str());
    for (const double coverage : kCoverages) {
      std::printf(" %6.2f%%", 100 * sureness.curve.accuracy_at(coverage));
    }
    std::printf("  %.4f\n", sureness.curve.aurc());
  }
}

void print_confusions(const EvaluationReport& report, const Judged& judged) {
  for (const Confusion& confusion : report.confusions) {
    std::printf("\n%s of %s %s taken for %s:\n", grouped_digits(confusion.count).c_str(),
                printable(judged.classes[confusion.label]).c_str(),
                confusion.count == 1 ? "was" : "were",
                printable(judged.classes[confusion.given]).c_str());
    for (const size_t i : confusion.texts) {
      std::printf(
          "  %6.2f%%  %s\n           %s\n", 100.0 * judged.probabilities(i, confusion.given),
          printable(judged.dataset.where(i)).c_str(), cell(judged.dataset.text(i), 69).c_str());
    }
  }
}

/// "macro-F1" in so many columns and the figure, and of how many labels it is, if not of all.
void print_macro_f1(int width, double macro_f1, std::span<const ClassScores> scores) {
  const auto met = std::ranges::count_if(scores, &ClassScores::met);
  std::printf("%-*s%s%%", width, "macro-F1", percent_text(macro_f1).c_str());
  if (static_cast<size_t>(met) < scores.size()) {
    std::printf("  (of the %td labels of %zu that a text has or was given)", met, scores.size());
  }
  std::printf("\n");
}

/// Only where it fits a screen.
void print_confusion(const Evaluation& e, const std::vector<std::string>& classes) {
  constexpr size_t kMost = 8;
  if (classes.size() > kMost) return;
  std::printf("\n%-14s", "true \\ given");
  for (const std::string& name : classes) {
    std::printf(" %s", right_cell(name, 8).c_str());
  }
  std::printf("\n");
  for (size_t t = 0; t < classes.size(); ++t) {
    std::printf("%s", cell(classes[t], 14).c_str());
    for (size_t p = 0; p < classes.size(); ++p) std::printf(" %8zu", e.confusion[t][p]);
    std::printf("\n");
  }
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

void print_ranking(int width, const EvaluationReport& report) {
  const Ranking mean = mean_ranking(report.rankings);
  std::printf("%-*s%s  (average precision %s; means of the labels)\n", width, "ROC AUC",
              percent_or_dash(mean.roc_auc).c_str(),
              percent_or_dash(mean.average_precision).c_str());
}

void print(const Evaluation& e, const EvaluationReport& report, const Judged& judged) {
  std::printf("texts      %s  (%s a second)\n", grouped_digits(e.count).c_str(),
              grouped_digits(static_cast<size_t>(report.texts_a_second)).c_str());
  std::printf("accuracy   %s%%  (95%% interval %s to %s)\n", percent_text(e.accuracy).c_str(),
              percent_text(e.accuracy_low).c_str(), percent_text(e.accuracy_high).c_str());
  print_macro_f1(11, e.macro_f1, e.classes);
  print_ranking(11, report);
  std::printf("NLL        %.4f nats a text\n", e.nll);
  std::printf("Brier      %.4f\n", e.brier);
  std::printf("ECE        %.4f  (%zu bins of equal width; %.4f of equal mass)\n", e.ece,
              kCalibrationBins, e.ece_equal_mass);
  print_sureness(report.sureness);
  print_classes(e.classes, report.rankings, judged.classes);
  print_confusion(e, judged.classes);
  print_confusions(report, judged);
}

void print(const LabelSetEvaluation& e, const EvaluationReport& report, const Judged& judged) {
  std::printf("texts            %s  (%s a second)\n", grouped_digits(e.count).c_str(),
              grouped_digits(static_cast<size_t>(report.texts_a_second)).c_str());
  std::printf("micro-F1         %s%%  (precision %s%%, recall %s%%)\n",
              percent_text(e.micro_f1).c_str(), percent_text(e.micro_precision).c_str(),
              percent_text(e.micro_recall).c_str());
  print_macro_f1(17, e.macro_f1, e.classes);
  std::printf("subset accuracy  %s%%  (95%% interval %s to %s): all labels of a text right\n",
              percent_text(e.subset_accuracy).c_str(), percent_text(e.subset_accuracy_low).c_str(),
              percent_text(e.subset_accuracy_high).c_str());
  print_ranking(17, report);
  std::printf("NLL              %.4f nats a text, summed over its labels\n", e.nll);
  std::printf("Brier            %.4f\n", e.brier);
  std::printf("ECE              %.4f  (all pairs of text and label, %zu bins of equal width)\n",
              e.ece, kCalibrationBins);
  print_classes(e.classes, report.rankings, judged.classes);
}

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

std::string evaluation_json(const EvaluationReport& report, const Judged& judged) {
  return written(report.evaluation ? to_json(*report.evaluation, report, judged)
                                   : to_json(*report.labels, report, judged));
}

void print_evaluation(const EvaluationReport& report, const Judged& judged) {
  if (report.evaluation) {
    print(*report.evaluation, report, judged);
  } else {
    print(*report.labels, report, judged);
  }
  std::fflush(stdout);
}

}  // namespace ockham
