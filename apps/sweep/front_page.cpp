#include "apps/sweep/front_page.hpp"

#include <algorithm>

#include "apps/page/html.hpp"
#include "apps/page/plot.hpp"
#include "apps/sweep/sweep_plan.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {
namespace {

constexpr size_t kMostSections = 3;  // beside the front: the plot tells four lines apart

std::string section_of(const SweepPoint& point) {
  return !point.varied.empty() && point.varied.front().first == kSection
             ? point.varied.front().second
             : "";
}

std::pair<double, double> place(const SweepPoint& p, Criterion criterion) {
  return {static_cast<double>(p.point.bytes), 100 * score(p.point, criterion)};
}

/// The front as a line, and the other models as dots, section by section where those are few.
std::vector<PlotLine> lines_of(const SweepResults& results) {
  std::vector<PlotLine> lines{{.name = "front", .dots = true}};
  for (const SweepPoint* p : front_of(results)) {
    lines[0].points.push_back(place(*p, results.criterion));
  }
  std::vector<std::string> sections;
  for (const SweepPoint& p : results.points) {
    if (std::ranges::find(sections, section_of(p)) == sections.end()) {
      sections.push_back(section_of(p));
    }
  }
  const bool apart = sections.size() > 1 && sections.size() <= kMostSections;
  if (!apart) sections = {""};
  for (const std::string& section : sections) {
    PlotLine line{.name = apart ? section : "other models", .dots = true, .joined = false};
    for (const SweepPoint& p : results.points) {
      if (p.on_front || (apart && section_of(p) != section)) continue;
      line.points.push_back(place(p, results.criterion));
    }
    lines.push_back(line);
  }
  return lines;
}

std::string front_rows(const SweepResults& results) {
  std::string rows;
  for (const SweepPoint* p : front_of(results)) {
    rows += "<tr>" + number_cell(grouped_digits(p->point.bytes)) +
            number_cell(percent_text(score(p->point, results.criterion)) + "%") +
            number_cell(p->tested ? percent_text(*p->tested) + "%" : "–") +
            number_cell(grouped_digits(p->point.ngrams)) +
            number_cell(grouped_digits(p->point.weights)) + "<td>" +
            escaped(path_model_folder("runs/" + p->run, p->number).string()) + "</td></tr>\n";
  }
  return rows;
}

}  // namespace

std::string front_page(const std::string& title, const SweepResults& results) {
  const std::string criterion(criterion_name(results.criterion));
  const Plot plot{.title = "Validation against size",
                  .description = criterion + " on validation against bytes of the file, of " +
                                 counted(results.points.size(), "model", "models"),
                  .x = {.label = "bytes of the file", .logarithmic = true},
                  .y = {.label = criterion + ", %"},
                  .lines = lines_of(results)};
  const std::string head =
      "<th scope=\"col\" class=\"number\">bytes</th><th scope=\"col\" class=\"number\">validation"
      "</th><th scope=\"col\" class=\"number\">test</th><th scope=\"col\" class=\"number\">n-grams"
      "</th><th scope=\"col\" class=\"number\">weights</th><th scope=\"col\">model</th>";
  const std::string body =
      "<header><h1>" + escaped(title) + "</h1>\n<p class=\"quiet\">" +
      counted(results.points.size(), "model", "models") +
      " of a sweep. On the front are those that none is better than: whoever is more accurate on "
      "validation takes more bytes.</p></header>\n<main>\n<section>\n<div "
      "class=\"plots\">" +
      plot_figure(plot) + "</div>\n" + table_html("The front", head, front_rows(results)) +
      "</section>\n</main>\n";
  return html_page(title + " · Ockham", "report", "", body);
}

}  // namespace ockham
