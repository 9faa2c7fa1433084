#include "apps/evaluation_report.hpp"

#include <algorithm>
#include <cstdio>
#include <span>

#include "apps/terminal_text.hpp"

namespace ockham {
namespace {

void print_classes(std::span<const ClassScores> scores, std::span<const Ranking> rankings,
                   const std::vector<std::string>& classes) {
  const std::vector<std::string> names = distinct_names(classes, 24);
  size_t width = 5;
  for (const std::string& name : names) width = std::max(width, display_width(name));
  std::printf("\n%s   texts  precision  recall      F1 ROC AUC avg.prec.\n",
              cell("label", width).c_str());
  for (size_t c = 0; c < classes.size(); ++c) {
    const ClassScores& s = scores[c];
    std::printf("%s %7zu %10s %7s %7s %7s %9s\n", cell(names[c], width).c_str(), s.count,
                percent_or_dash(s.known_precision()).c_str(),
                percent_or_dash(s.known_recall()).c_str(), percent_or_dash(s.known_f1()).c_str(),
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
  const std::vector<std::string> names = distinct_names(judged.classes, 24);
  for (const Confusion& confusion : report.confusions) {
    std::printf("\n%s of %s %s taken for %s:\n", grouped_digits(confusion.count).c_str(),
                names[confusion.label].c_str(), confusion.count == 1 ? "was" : "were",
                names[confusion.given].c_str());
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
  constexpr size_t kMost = 7;  // 14 and 9 columns a label: 77
  if (classes.size() > kMost) return;
  std::printf("\n%-14s", "true \\ given");
  for (const std::string& name : distinct_names(classes, 8)) {
    std::printf(" %s", right_cell(name, 8).c_str());
  }
  std::printf("\n");
  const std::vector<std::string> names = distinct_names(classes, 14);
  for (size_t t = 0; t < classes.size(); ++t) {
    std::printf("%s", cell(names[t], 14).c_str());
    for (size_t p = 0; p < classes.size(); ++p) std::printf(" %8zu", e.confusion[t][p]);
    std::printf("\n");
  }
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

}  // namespace

void print_evaluation(const EvaluationReport& report, const Judged& judged) {
  if (report.evaluation) {
    print(*report.evaluation, report, judged);
  } else {
    print(*report.labels, report, judged);
  }
  std::fflush(stdout);
}

}  // namespace ockham
