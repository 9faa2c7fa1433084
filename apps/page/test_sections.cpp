#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numeric>

#include "apps/page/explanation_page.hpp"
#include "apps/page/html.hpp"
#include "apps/page/plot.hpp"
#include "apps/page/report_page.hpp"
#include "apps/terminal_text.hpp"

namespace ockham {
namespace {

constexpr size_t kMostConfusedClasses = 12;  // a larger table is no picture any more

/// Those of most texts, `most` at most, in the order of their numbers.
std::vector<size_t> largest_classes(const std::vector<ClassScores>& scores, size_t most) {
  std::vector<size_t> classes(scores.size());
  std::iota(classes.begin(), classes.end(), size_t{0});
  std::ranges::stable_sort(classes, std::ranges::greater{},
                           [&](size_t c) { return scores[c].count; });
  classes.resize(std::min(most, classes.size()));
  std::ranges::sort(classes);
  return classes;
}

std::string classes_html(const std::vector<ClassScores>& scores, const PageTest& test) {
  constexpr size_t kMost = 100;
  const std::vector<std::string> names = distinct_names(test.judged.classes, kLabelColumns);
  std::string head = "<th scope=\"col\">label</th>", rows;
  for (const char* what : {"texts", "precision", "recall", "F1", "ROC AUC", "average precision"}) {
    head += std::string("<th scope=\"col\" class=\"number\">") + what + "</th>";
  }
  for (const size_t c : largest_classes(scores, kMost)) {
    const ClassScores& s = scores[c];
    const Ranking& ranking = test.report.rankings[c];
    rows +=
        "<tr><th scope=\"row\">" + escaped(names[c]) + "</th>" +
        number_cell(grouped_digits(s.count)) + number_cell(percent_or_dash(s.known_precision())) +
        number_cell(percent_or_dash(s.known_recall())) +
        number_cell(percent_or_dash(s.known_f1())) + number_cell(percent_or_dash(ranking.roc_auc)) +
        number_cell(percent_or_dash(ranking.average_precision)) + "</tr>\n";
  }
  std::string caption = "By label";
  if (scores.size() > kMost) {
    caption += ": the " + std::to_string(kMost) + " with most texts of " +
               grouped_digits(scores.size()) + "; all are in ockham evaluate";
  }
  return table_html(caption, head, rows);
}

std::string confusion_html(const Evaluation& e, const std::vector<std::string>& names) {
  if (names.size() > kMostConfusedClasses) return "";
  const std::vector<std::string> classes = distinct_names(names, kLabelColumns);
  std::string head = "<th scope=\"col\">true, and given →</th>", rows;
  for (const std::string& name : classes) {
    head += "<th scope=\"col\" class=\"number\">" + escaped(name) + "</th>";
  }
  for (size_t t = 0; t < classes.size(); ++t) {
    rows += "<tr><th scope=\"row\">" + escaped(classes[t]) + "</th>";
    for (size_t p = 0; p < classes.size(); ++p) {
      const double share = static_cast<double>(e.confusion[t][p]) /
                           static_cast<double>(std::max<size_t>(1, e.classes[t].count));
      rows += std::string("<td class=\"heat") + (t == p ? "" : " wrong") +
              "\" style=\"--part:" + percent_text(share) + "%\">" +
              grouped_digits(e.confusion[t][p]) + "</td>";
    }
    rows += "</tr>\n";
  }
  return table_html("What was taken for what", head, rows);
}

std::string reliability_figure(const ConfidenceCurve& curve) {
  PlotLine line{.dots = true};
  const std::vector<ReliabilityBin> bins = curve.reliability();
  for (const ReliabilityBin& bin : bins) {
    line.points.emplace_back(100 * bin.confidence, 100 * bin.accuracy);
  }
  double low = 100;
  for (const auto& [confidence, accuracy] : line.points)
    low = std::min({low, confidence, accuracy});
  low = std::max(0.0, std::floor(low / 10) * 10);
  return plot_figure({.title = "Reliability: is it right as often as it says?",
                      .description = "accuracy against mean probability of the given label in " +
                                     std::to_string(bins.size()) + " bins of equally many texts",
                      .x = {.label = "mean probability, %", .low = low, .high = 100},
                      .y = {.label = "accuracy, %", .low = low, .high = 100},
                      .lines = {line},
                      .diagonal = true});
}

std::string coverage_figure(const std::vector<Sureness>& all) {
  constexpr int kSteps = 50;
  Plot plot{.title = "Risk and coverage: if it answers only where it is sure",
            .description = "error rate of the surest texts against the share that is answered",
            .x = {.label = "surest texts answered, %", .low = 0, .high = 100},
            .y = {.label = "errors, %", .low = 0}};
  for (const Sureness& sureness : all) {
    PlotLine line{.name = "by " + sureness.by};
    for (int i = 1; i <= kSteps; ++i) {
      const double coverage = static_cast<double>(i) / kSteps;
      line.points.emplace_back(100 * coverage, 100 * (1 - sureness.curve.accuracy_at(coverage)));
    }
    plot.lines.push_back(line);
  }
  return plot_figure(plot);
}

std::string figures(double nll, double brier, double ece) {
  char text[160];
  std::snprintf(text, sizeof text, "NLL %.4f nats a text, Brier %.4f, ECE %.4f. ", nll, brier, ece);
  return text;
}

}  // namespace

std::string test_html(const PageTest& test) {
  const std::string speed =
      grouped_digits(static_cast<size_t>(test.report.texts_a_second)) + " texts a second.";
  if (test.report.labels) {
    const LabelSetEvaluation& e = *test.report.labels;
    return "<p>" + grouped_digits(e.count) + " texts of " + escaped(test.data) + ": micro-F1 " +
           percent_text(e.micro_f1) + "%, macro-F1 " + percent_text(e.macro_f1) +
           "%, all labels right in " + percent_text(e.subset_accuracy) + "%. " +
           figures(e.nll, e.brier, e.ece) + speed + "</p>\n" + classes_html(e.classes, test);
  }
  const Evaluation& e = *test.report.evaluation;
  return "<p>" + grouped_digits(e.count) + " texts of " + escaped(test.data) + ": accuracy " +
         percent_text(e.accuracy) + "%, macro-F1 " + percent_text(e.macro_f1) + "%. " +
         figures(e.nll, e.brier, e.ece) + speed + "</p>\n<div class=\"plots\">\n" +
         reliability_figure(test.report.sureness.front().curve) +
         coverage_figure(test.report.sureness) + "</div>\n" + classes_html(e.classes, test) +
         confusion_html(e, test.judged.classes);
}

std::string mistakes_html(const PageTest& test) {
  if (test.wrong.empty()) return "";
  constexpr WordsLimit kLimit{.words = 120, .characters = kWordCharacters, .bytes = 10'000};
  std::string html =
      "<p>Underlined words speak <mark class=\"for\" style=\"--part:60%\">for the label that was "
      "given</mark>, wavy ones <mark class=\"against\" style=\"--part:60%\">against it</mark>: by "
      "how much its log odds fall when the word is left out.</p>\n";
  const std::vector<std::string> names = distinct_names(test.judged.classes, kLabelColumns);
  for (const PageTest::WrongText& wrong : test.wrong) {
    const uint32_t label = test.judged.labels[wrong.text].front();
    html += "<article>\n<h3>" + escaped(names[label]) + ", taken for " +
            escaped(names[wrong.why.label]) + " <span class=\"quiet\">" +
            percent_text(wrong.why.probability) + "% sure; " +
            escaped(test.judged.dataset.where(wrong.text)) + "</span></h3>\n<p>" +
            words_html(wrong.why, kLimit) + "</p>\n</article>\n";
  }
  return html;
}

}  // namespace ockham
