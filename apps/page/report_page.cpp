#include "apps/page/report_page.hpp"

#include <cstdio>

#include "apps/page/html.hpp"
#include "apps/terminal_text.hpp"

namespace ockham {
namespace {

struct Tile {
  std::string what, figure, note;
};

std::string times(double factor) {
  char text[32];
  std::snprintf(text, sizeof text, factor < 10 ? "%.1f×" : "%.0f×", factor);
  return text;
}

/// What the tests say, or else validation.
std::optional<Tile> accuracy_tile(const ReportPage& page) {
  if (page.test && page.test->report.evaluation) {
    const Evaluation& e = *page.test->report.evaluation;
    return Tile{"Test accuracy", percent_text(e.accuracy) + "%",
                "95% interval " + percent_text(e.accuracy_low) + " to " +
                    percent_text(e.accuracy_high) + ", " + grouped_digits(e.count) + " texts"};
  }
  if (page.test && page.test->report.labels) {
    const LabelSetEvaluation& e = *page.test->report.labels;
    return Tile{"Test micro-F1", percent_text(e.micro_f1) + "%",
                grouped_digits(e.count) + " texts of any number of labels"};
  }
  const bool of_path = page.model && page.model->path;
  if (!of_path) return std::nullopt;
  const PathSummary& path = *page.model->path;
  return Tile{"Validation " + std::string(criterion_name(path.measure.criterion)),
              percent_text(score(path.points[path.chosen], path.measure.criterion)) + "%",
              grouped_digits(path.measure.texts) + " texts, which also chose the model"};
}

std::vector<Tile> tiles(const ReportPage& page) {
  std::vector<Tile> tiles;
  if (const auto accuracy = accuracy_tile(page)) tiles.push_back(*accuracy);
  if (!page.model) return tiles;
  const ModelReport& m = *page.model;
  const DenseOrigin& dense = m.model.dense;
  tiles.push_back({"Deployable file", grouped_digits(m.file.bytes) + " bytes",
                   times(ratio(dense.bytes, m.file.bytes)) + " smaller than dense fp32"});
  tiles.push_back({"Weights kept", grouped_digits(m.figures.weights_kept),
                   "of " + grouped_digits(dense.weights) + ": " +
                       times(ratio(dense.weights, m.figures.weights_kept)) + "; " +
                       times(ratio(dense.weights, dense.paper_weights)) +
                       " as the papers count, with constant gates’ weights"});
  tiles.push_back({"N-grams kept", grouped_digits(m.figures.words_kept),
                   counted(m.figures.units_kept, "hidden unit", "hidden units") + ", " +
                       counted(m.figures.gates_kept, "gate", "gates") + " that are not constant"});
  return tiles;
}

/// "Tells neg from pos."
std::string labels_text(const FoldedModel& model) {
  constexpr size_t kMost = 8;
  const size_t count = model.classes.size();
  const std::vector<std::string> classes = distinct_names(model.classes, kLabelColumns);
  if (count == 2 && !model.several_labels) {
    return "Tells " + classes[0] + " from " + classes[1] + ".";
  }
  std::string names;
  for (size_t i = 0; i < std::min(kMost, count); ++i) {
    names += (i == 0 ? "" : ", ") + classes[i];
  }
  if (count > kMost) names += " and " + grouped_digits(count - kMost) + " more";
  return (model.several_labels ? "Gives a text any of " : "Gives a text one of ") + names + ".";
}

struct Section {
  std::string id, title, html;
};

std::vector<Section> sections(const ReportPage& page) {
  std::vector<Section> all;
  const auto add = [&](const char* id, const char* title, std::string html) {
    if (!html.empty()) all.push_back({id, title, std::move(html)});
  };
  if (page.test) add("test", "On the test texts", test_html(*page.test));
  if (page.model) add("kept", "What was kept", kept_html(*page.model));
  if (page.model && page.model->path) {
    add("path", "Accuracy against size", path_html(*page.model->path));
  }
  if (page.model) add("ngrams-kept", "The n-grams", ngrams_html(*page.model));
  if (page.test) add("mistakes", "Its surest mistakes", mistakes_html(*page.test));
  if (page.history) add("teachers", "Teachers", teachers_html(*page.history));
  if (page.history) add("training", "Training", curves_html(*page.history));
  if (page.history && page.point) {
    add("noise", "Noise and pruning", noise_html(page.history->points[*page.point]));
  }
  return all;
}

}  // namespace

std::string headline_html(const ReportPage& page) {
  std::string html = "<header>\n<h1>" + escaped(page.title) + "</h1>\n";
  if (page.model)
    html += "<p class=\"quiet\">" + escaped(labels_text(page.model->model)) + "</p>\n";
  html += "<dl class=\"tiles\">\n";
  for (const Tile& tile : tiles(page)) {
    html += "<div><dt>" + escaped(tile.what) + "</dt><dd class=\"figure\">" + escaped(tile.figure) +
            "</dd><dd class=\"note\">" + escaped(tile.note) + "</dd></div>\n";
  }
  return html + "</dl>\n</header>\n";
}

std::string report_page(const ReportPage& page) {
  const std::vector<Section> all = sections(page);
  std::string body = headline_html(page) + "<nav aria-label=\"Sections\"><ul>\n";
  for (const Section& s : all) {
    body += "<li><a href=\"#" + s.id + "\">" + s.title + "</a></li>\n";
  }
  body += "</ul></nav>\n<main>\n";
  for (const Section& s : all) {
    body += "<section id=\"" + s.id + "\" aria-labelledby=\"" + s.id + "-title\">\n<h2 id=\"" +
            s.id + "-title\">" + s.title + "</h2>\n" + s.html + "</section>\n";
  }
  return html_page(page.title + " · Ockham", "report", "search", body + "</main>\n");
}

}  // namespace ockham
