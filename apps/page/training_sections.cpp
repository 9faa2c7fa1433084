#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/page/html.hpp"
#include "apps/page/plot.hpp"
#include "apps/page/report_page.hpp"
#include "apps/terminal_text.hpp"

namespace ockham {
namespace {

/// Epochs are counted through all phases. A language model's are shown apart: its loss is no
/// classifier's, and would press the others flat.
template <typename Value>
PlotLine line_of(const TrainingCourse& history, const char* name, const Value& value,
                 bool language = false) {
  PlotLine line{.name = name};
  for (size_t i = 0; i < history.epochs.size(); ++i) {
    if ((history.epochs[i].phase == kLanguagePhase) != language) continue;
    line.points.emplace_back(static_cast<double>(i + 1), value(history.epochs[i]));
  }
  return line;
}

/// Where the KL begins to count.
std::vector<PlotMark> bayes_phase(const TrainingCourse& history) {
  const auto first =
      std::ranges::find(history.epochs, std::string(kBayesPhase), &EpochReport::phase);
  if (first == history.epochs.begin() || first == history.epochs.end()) return {};
  return {{static_cast<double>(first - history.epochs.begin()) + 0.5, "Bayes phase"}};
}

Plot over_epochs(const TrainingCourse& history, std::string title, std::string y,
                 bool language = false) {
  const auto epochs = std::ranges::count_if(
      history.epochs, [&](const auto& e) { return (e.phase == kLanguagePhase) == language; });
  Plot plot;
  plot.title = std::move(title);
  plot.description = plot.title + " over " + std::to_string(epochs) + " epochs";
  plot.x = {.label = "epoch", .whole = true};
  plot.y.label = std::move(y);
  plot.marks = bayes_phase(history);
  return plot;
}

/// Empty where there was none.
std::string language_figure(const TrainingHistory& history) {
  Plot plot = over_epochs(history, "Loss of the language model", "nats a word", true);
  plot.marks.clear();
  plot.lines = {line_of(
      history, "", [](const auto& e) { return e.loss; }, true)};
  return plot.lines.front().points.empty() ? "" : plot_figure(plot);
}

Plot kept_plot(const TrainingHistory& history) {
  Plot plot = over_epochs(history, "What is kept", "count");
  plot.y.logarithmic = true;
  const auto at_least_one = [](size_t n) { return static_cast<double>(std::max<size_t>(1, n)); };
  plot.lines = {
      line_of(history, "n-grams", [&](const auto& e) { return at_least_one(e.ngrams); }),
      line_of(history, "hidden units", [&](const auto& e) { return at_least_one(e.units); })};
  // Logs of older versions do not say.
  if (std::ranges::any_of(history.epochs, [](const auto& e) { return e.weights > 0; })) {
    plot.lines.push_back(
        line_of(history, "weights", [&](const auto& e) { return at_least_one(e.weights); }));
  }
  return plot;
}

std::string teacher_row(size_t number, const TrainingCourse& teacher, Criterion criterion) {
  std::string row = "<tr><th scope=\"row\">" + std::to_string(number) + "</th>";
  if (teacher.chosen && *teacher.chosen < teacher.points.size()) {
    const PathPoint& point = teacher.points[*teacher.chosen].point;
    row += number_cell(percent_text(score(point, criterion)) + "%") +
           number_cell(grouped_digits(point.ngrams)) + number_cell(grouped_digits(point.weights)) +
           number_cell(grouped_digits(point.bytes));
  } else {
    for (int i = 0; i < 4; ++i) row += number_cell("–");
  }
  const double seconds = teacher.epochs.empty() ? 0.0 : teacher.epochs.back().seconds;
  return row + number_cell(grouped_digits(teacher.epochs.size())) +
         number_cell(duration_text(seconds)) + "</tr>\n";
}

/// What the epochs' figures on validation are.
Criterion criterion_of(const TrainingHistory& history) {
  if (!history.epochs.empty()) return history.epochs.front().criterion;
  for (const auto& [number, teacher] : history.teachers) {
    if (!teacher.epochs.empty()) return teacher.epochs.front().criterion;
  }
  return Criterion::accuracy;
}

using Teachers = std::map<size_t, TrainingCourse>;

/// A line for each teacher.
template <typename Value>
std::string teachers_figure(const Teachers& teachers, std::string title, std::string y,
                            const Value& value) {
  constexpr size_t kMostLines = 4;
  const TrainingCourse* longest = nullptr;
  std::vector<PlotLine> lines;
  for (const auto& [number, course] : teachers) {
    if (lines.size() == kMostLines) break;
    lines.push_back(line_of(course, "", value));
    lines.back().name = "teacher " + std::to_string(number);
    if (longest == nullptr || course.epochs.size() > longest->epochs.size()) longest = &course;
  }
  if (longest->epochs.size() < 2) return "";
  Plot plot = over_epochs(*longest, std::move(title), std::move(y));
  plot.lines = std::move(lines);
  if (teachers.size() > kMostLines) plot.note = "of the first four";
  return plot_figure(plot);
}

/// "encoder/lstm_0/forward/weight_ih" without what all have in common.
std::string short_name(const std::string& parameter) {
  const std::string_view prefix = "encoder/";
  return parameter.starts_with(prefix) ? parameter.substr(prefix.size()) : parameter;
}

std::string noise_figure(const NoiseHistogram& histogram) {
  size_t all = 0, gone = 0;
  Plot plot;
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    const double from = NoiseHistogram::kLow + NoiseHistogram::kStep * static_cast<double>(i);
    const bool pruned = histogram.threshold && from >= *histogram.threshold;
    all += histogram.counts[i];
    if (pruned) gone += histogram.counts[i];
    plot.bars.push_back(
        {from, from + NoiseHistogram::kStep, static_cast<double>(histogram.counts[i]), pruned});
  }
  plot.small = true;
  plot.title = short_name(histogram.parameter);
  plot.note = grouped_digits(all);
  if (histogram.threshold) {
    plot.note += ", " + grouped_digits(gone) + " pruned";
    plot.marks = {{*histogram.threshold, "threshold"}};
  }
  plot.description = "log alpha of " + plot.title + ": " + plot.note;
  plot.x = {.label = "log α = log(variance / mean²)"};
  plot.y = {.label = "elements"};
  return plot_figure(plot);
}

/// Where the log ends before the model's own training.
std::string teaching_end_html(const TrainingHistory& history) {
  if (!history.epochs.empty()) return "";
  const auto& [last, course] = *history.teachers.rbegin();
  return course.chosen
             ? "<p>The log ends before the training of the model itself.</p>\n"
             : "<p>The log ends while teacher " + std::to_string(last) + " is trained.</p>\n";
}

}  // namespace

std::string teachers_html(const TrainingHistory& history) {
  if (history.teachers.empty()) return "";
  const std::string criterion(criterion_name(criterion_of(history)));
  std::string head, rows;
  for (const std::string& name :
       {std::string("Teacher"), "Validation " + criterion, std::string("N-grams"),
        std::string("Weights"), std::string("Bytes"), std::string("Epochs"), std::string("Time")}) {
    head += "<th scope=\"col\">" + name + "</th>";
  }
  for (const auto& [number, teacher] : history.teachers) {
    rows += teacher_row(number, teacher, criterion_of(history));
  }
  return "<p>Trained first, to say of each text how probable its labels are: the model learns from "
         "them. Of each teacher’s path its best model on validation teaches.</p>\n" +
         teaching_end_html(history) + table_html("Teachers, by the models that teach", head, rows) +
         "<div class=\"plots\">\n" +
         teachers_figure(history.teachers, "Cross-entropy", "nats a text",
                         [](const auto& e) { return e.loss; }) +
         teachers_figure(history.teachers, "Validation, with the posteriors’ means",
                         criterion + ", %", [](const auto& e) { return 100 * e.score; }) +
         "</div>\n";
}

std::string curves_html(const TrainingHistory& history) {
  if (history.epochs.empty()) return "";
  const auto trained = std::ranges::count_if(
      history.epochs, [](const EpochReport& e) { return e.phase != kLanguagePhase; });
  if (trained == 0) {
    return "<p>The log ends with the language model that the training starts from.</p>\n"
           "<div class=\"plots\">\n" +
           language_figure(history) + "</div>\n";
  }
  if (history.epochs.size() < 2) return "<p>The log ends after one epoch.</p>\n";
  Plot loss = over_epochs(history, "Loss", "nats a text");
  loss.lines = {line_of(history, "cross-entropy", [](const auto& e) { return e.loss; }),
                line_of(history, "with KL", [](const auto& e) { return e.loss + e.kl; })};
  const std::string criterion(criterion_name(history.epochs.front().criterion));
  Plot validation =
      over_epochs(history, "Validation, with the posterior’s means", criterion + ", %");
  validation.lines = {line_of(history, "", [](const auto& e) { return 100 * e.score; })};
  Plot scale = over_epochs(history, "Weight of the KL", "KL scale");
  scale.lines = {line_of(history, "", [](const auto& e) { return e.kl_scale; })};
  return "<p>" + std::to_string(history.epochs.size()) + " epochs in " +
         duration_text(history.epochs.back().seconds) +
         ". The cross-entropy is of the noisy passes that train; validation is of the means, "
         "before "
         "anything is pruned.</p>\n<div class=\"plots\">\n" +
         language_figure(history) + plot_figure(loss) + plot_figure(validation) +
         plot_figure(kept_plot(history)) + plot_figure(scale) + "</div>\n";
}

std::string noise_html(const TrainingCourse::Point& point) {
  if (point.noise.empty()) return "";
  std::string html =
      "<p>How noisy each weight and each group’s multiplier was when this model was taken: log α "
      "is the logarithm of its posterior’s variance over its squared mean. What lies beyond the "
      "threshold tells the network less than noise, and is pruned; what had left the arrays before "
      "is not counted. The outermost bars hold all that lies beyond them.</p>\n<div class=\"plots "
      "small\">\n";
  for (const NoiseHistogram& histogram : point.noise) html += noise_figure(histogram);
  return html + "</div>\n";
}

}  // namespace ockham
