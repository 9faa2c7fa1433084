#include "apps/evaluation_text.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <span>

#include "apps/terminal_text.hpp"

namespace ockham {
namespace {

using nlohmann::json;

std::string written(const json& object) {
  return object.dump(1, ' ', false, json::error_handler_t::replace);
}

json class_json(std::span<const ClassScores> scores, const std::vector<std::string>& classes) {
  json per_class = json::object();
  for (size_t c = 0; c < classes.size(); ++c) {
    per_class[classes[c]] = {{"count", scores[c].count},
                             {"predicted", scores[c].predicted},
                             {"precision", scores[c].precision},
                             {"recall", scores[c].recall},
                             {"f1", scores[c].f1}};
  }
  return per_class;
}

void print_classes(std::span<const ClassScores> scores, const std::vector<std::string>& classes) {
  size_t width = 5;
  for (const std::string& name : classes) {
    width = std::max(width, std::min<size_t>(display_width(name), 24));
  }
  std::printf("\n%s   texts  precision  recall      F1\n", cell("label", width).c_str());
  for (size_t c = 0; c < classes.size(); ++c) {
    const ClassScores& s = scores[c];
    if (!s.met()) {
      std::printf("%s %7d %10s %7s %7s\n", cell(classes[c], width).c_str(), 0, "-", "-", "-");
      continue;
    }
    std::printf("%s %7zu %9.2f%% %6.2f%% %6.2f%%\n", cell(classes[c], width).c_str(), s.count,
                100 * s.precision, 100 * s.recall, 100 * s.f1);
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

}  // namespace

std::string evaluation_json(const Evaluation& e, const std::vector<std::string>& classes) {
  return written({{"count", e.count},
                  {"accuracy", e.accuracy},
                  {"accuracy_low", e.accuracy_low},
                  {"accuracy_high", e.accuracy_high},
                  {"nll", e.nll},
                  {"brier", e.brier},
                  {"ece", e.ece},
                  {"ece_equal_mass", e.ece_equal_mass},
                  {"aurc", e.aurc},
                  {"macro_f1", e.macro_f1},
                  {"classes", class_json(e.classes, classes)},
                  {"labels", classes},
                  {"confusion", e.confusion}});
}

std::string evaluation_json(const LabelSetEvaluation& e, const std::vector<std::string>& classes) {
  return written({{"count", e.count},
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
                  {"classes", class_json(e.classes, classes)},
                  {"labels", classes}});
}

void print_evaluation(const Evaluation& e, const std::vector<std::string>& classes) {
  std::printf("texts      %s\n", grouped_digits(e.count).c_str());
  std::printf("accuracy   %s%%  (95%% interval %s to %s)\n", percent_text(e.accuracy).c_str(),
              percent_text(e.accuracy_low).c_str(), percent_text(e.accuracy_high).c_str());
  print_macro_f1(11, e.macro_f1, e.classes);
  std::printf("NLL        %.4f nats a text\n", e.nll);
  std::printf("Brier      %.4f\n", e.brier);
  std::printf("ECE        %.4f  (%zu bins of equal width; %.4f of equal mass)\n", e.ece,
              kCalibrationBins, e.ece_equal_mass);
  std::printf("AURC       %.4f\n", e.aurc);
  print_classes(e.classes, classes);
  print_confusion(e, classes);
  std::fflush(stdout);
}

void print_evaluation(const LabelSetEvaluation& e, const std::vector<std::string>& classes) {
  std::printf("texts            %s\n", grouped_digits(e.count).c_str());
  std::printf("micro-F1         %s%%  (precision %s%%, recall %s%%)\n",
              percent_text(e.micro_f1).c_str(), percent_text(e.micro_precision).c_str(),
              percent_text(e.micro_recall).c_str());
  print_macro_f1(17, e.macro_f1, e.classes);
  std::printf("subset accuracy  %s%%  (95%% interval %s to %s): all labels of a text right\n",
              percent_text(e.subset_accuracy).c_str(), percent_text(e.subset_accuracy_low).c_str(),
              percent_text(e.subset_accuracy_high).c_str());
  std::printf("NLL              %.4f nats a text, summed over its labels\n", e.nll);
  std::printf("Brier            %.4f\n", e.brier);
  std::printf("ECE              %.4f  (all pairs of text and label, %zu bins of equal width)\n",
              e.ece, kCalibrationBins);
  print_classes(e.classes, classes);
  std::fflush(stdout);
}

}  // namespace ockham
