#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/page/html.hpp"
#include "apps/page/plot.hpp"
#include "apps/page/report_page.hpp"
#include "apps/terminal_text.hpp"

namespace ockham {
namespace {

using nlohmann::json;

std::string row(const std::string& what, const std::string& number, const std::string& note) {
  return "<tr><th scope=\"row\">" + escaped(what) + "</th><td class=\"number\">" + escaped(number) +
         "</td><td>" + escaped(note) + "</td></tr>\n";
}

std::string percent_of(size_t part, size_t whole) {
  return percent_text(static_cast<double>(part) / static_cast<double>(std::max<size_t>(1, whole))) +
         "%";
}

struct FilePart {
  std::string name;
  size_t bytes;
};

/// The file's bytes as one strip, with a key.
std::string bytes_html(const CompactSummary& file) {
  const std::array<FilePart, 4> parts{
      {{"vocabulary", file.vocabulary_bytes},
       {"weights (" + std::string(weight_format_name(file.format)) + ")", file.weight_bytes},
       {"tokenizer", file.tokenizer_bytes},
       {"rest", file.other_bytes}}};
  std::string strip, keys;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string kind = std::string("p").append(std::to_string(i + 1));
    const std::string share = percent_of(parts[i].bytes, file.bytes);
    strip += "<span class=\"" + kind + "\" style=\"width:" + share + "\"></span>";
    keys += "<li><span class=\"key " + kind + "\"></span>" + escaped(parts[i].name) + " " +
            grouped_digits(parts[i].bytes) + " (" + share + ")</li>";
  }
  return "<h3>The file’s " + grouped_digits(file.bytes) +
         " bytes</h3>\n<div class=\"strip\" aria-hidden=\"true\">" + strip +
         "</div>\n<ul class=\"legend\">" + keys + "</ul>\n";
}

/// The strongest n-grams, as they stand before anything is searched.
constexpr size_t kFirstRows = 20;
/// Of all n-grams' text, numbers and labels, so that the page stays under 300 KB.
constexpr size_t kMostNgramBytes = 150'000;

std::string ngram_text(const ModelReport& report, const NgramPolarity& polarity) {
  return shortened(report.model.vocabulary.ngram(polarity.ngram), kWordCharacters);
}

std::string ngram_rows(const ModelReport& report) {
  const double strongest =
      report.polarities.empty() ? 1.0 : std::max(report.polarities.front().log_odds, 1e-9);
  const std::vector<std::string> labels = distinct_names(report.model.classes, kLabelColumns);
  std::string rows;
  for (size_t i = 0; i < std::min(kFirstRows, report.polarities.size()); ++i) {
    const NgramPolarity& p = report.polarities[i];
    rows += "<tr><td>" + escaped(ngram_text(report, p)) + "</td><td>" + escaped(labels[p.label]) +
            "</td><td class=\"number\">" + signed_number(p.log_odds) +
            "</td><td class=\"size\"><span class=\"meter o" + std::to_string(p.label % 4 + 1) +
            "\" style=\"--part:" + percent_text(std::max(p.log_odds, 0.0) / strongest) +
            "%\"></span></td></tr>\n";
  }
  return rows;
}

std::string in_script(const json& value) {
  return script_json(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

/// {"labels": {number: name}, "ngrams": [[n-gram, label's number, change], ...]}, of the strongest,
/// as many as fit.
json ngram_data(const ModelReport& report) {
  const std::vector<std::string> names = distinct_names(report.model.classes, kLabelColumns);
  json labels = json::object(), ngrams = json::array();
  size_t bytes = 0;
  for (const NgramPolarity& p : report.polarities) {
    const std::string ngram = ngram_text(report, p), number = std::to_string(p.label);
    constexpr size_t kAround = 14;  // quotes, commas, number and change
    bytes += in_script(ngram).size() + kAround;
    if (!labels.contains(number)) bytes += in_script(names[p.label]).size() + kAround;
    if (bytes > kMostNgramBytes) break;
    labels[number] = names[p.label];
    ngrams.push_back({ngram, p.label, std::round(100 * p.log_odds) / 100});
  }
  return {{"labels", labels}, {"ngrams", ngrams}};
}

}  // namespace

std::string kept_html(const ModelReport& report) {
  const CompressionFigures& f = report.figures;
  std::string rows;
  const auto add_weights = [&](const std::string& what, size_t weights, const std::string& note) {
    rows += row(what, grouped_digits(weights), note);
  };
  rows += row("n-grams", grouped_digits(f.words_kept), "rows of the embedding");
  rows += row("embedding dimensions", grouped_digits(f.inputs_kept), "");
  rows += row("hidden units", grouped_digits(f.units_kept), "of all directions and layers");
  rows += row("gates", grouped_digits(f.gates_kept), "the others are constants");
  for (const size_t units : f.dense_layer_units) {
    rows += row("units of a dense layer", grouped_digits(units), "");
  }
  add_weights("weights of the embedding", f.embedding_weights,
              percent_of(f.embedding_weights, f.weights_kept) + " of all that is kept");
  add_weights("weights of the recurrent layers", f.recurrent_weights,
              percent_of(f.recurrent_weights, f.weights_kept));
  for (const size_t weights : f.dense_layer_weights) {
    add_weights("weights of a dense layer", weights, percent_of(weights, f.weights_kept));
  }
  add_weights("weights of the output", f.output_weights,
              percent_of(f.output_weights, f.weights_kept));
  char flops[32];
  std::snprintf(flops, sizeof flops, "%.0f", f.flops_per_token);
  rows += row("operations a kept n-gram", flops, "multiplications and additions of the network");
  return table_html("Layer by layer",
                    "<th scope=\"col\">what</th><th scope=\"col\" class=\"number\">kept</th>"
                    "<th scope=\"col\">share, or what it is</th>",
                    rows) +
         bytes_html(report.file);
}

std::string path_html(const PathSummary& path) {
  if (path.points.size() < 2) return "";
  const Criterion criterion = path.measure.criterion;
  PlotLine line{.dots = true};
  std::vector<size_t> order;
  for (size_t i = 0; i < path.points.size(); ++i) {
    if (path.points[i].bytes > 0) order.push_back(i);
  }
  if (order.size() < 2) return "";  // sizes were not measured
  std::ranges::stable_sort(order, {}, [&](size_t i) { return path.points[i].bytes; });
  for (const size_t i : order) {
    if (i == path.chosen) line.chosen = line.points.size();
    line.points.emplace_back(static_cast<double>(path.points[i].bytes),
                             100 * score(path.points[i], criterion));
  }
  const std::string what = "validation " + std::string(criterion_name(criterion)) + ", %";
  const Plot plot{.title = "The path of one training; the full dot is this model",
                  .description = what + " against bytes of the file, from " +
                                 grouped_digits(path.points[order.front()].bytes) + " to " +
                                 grouped_digits(path.points[order.back()].bytes) + " bytes",
                  .x = {.label = "bytes of the file", .logarithmic = true},
                  .y = {.label = what},
                  .lines = {line}};
  return "<p>Each dot is a model of the same training, pruned further and measured on " +
         counted(path.measure.texts, "validation text", "validation texts") +
         ". The others are in the folder’s <code>path</code>.</p>\n<div class=\"plots\">" +
         plot_figure(plot) + "</div>\n";
}

std::string ngrams_html(const ModelReport& report) {
  if (report.polarities.empty()) return "";
  const json data = ngram_data(report);
  const json& ngrams = data.at("ngrams");
  std::string html = "<p>What a text’s log odds become by each n-gram alone: ";
  html += report.model.vocabulary.hashed() != nullptr
              ? "of a model that keeps hashes in place of words, buckets of a hash table."
              : "the words and sequences that the model keeps.";
  if (ngrams.size() < report.polarities.size()) {
    html += " The strongest " + grouped_digits(ngrams.size()) + " of " +
            grouped_digits(report.polarities.size()) +
            " can be searched here, all are in "
            "<code>ockham report --json</code>.";
  }
  if (report.hits) {
    html += " In the training texts they are hit " + grouped_digits(report.hits->hits) +
            " times rightly and at least " + grouped_digits(report.hits->false_hits) +
            " times by other n-grams.";
  }
  html +=
      "</p>\n<p class=\"search\"><label for=\"find\">Search words, or a label</label><br>"
      "<input type=\"search\" id=\"find\" aria-controls=\"ngrams\" autocomplete=\"off\"> "
      "<span id=\"found\" class=\"quiet\" role=\"status\"></span></p>\n";
  html += table_html("The strongest first",
                     "<th scope=\"col\">n-gram</th><th scope=\"col\">speaks for</th><th "
                     "scope=\"col\" class=\"number\">log odds</th><th scope=\"col\">beside the "
                     "strongest</th>",
                     ngram_rows(report), "ngrams");
  html += "<script type=\"application/json\" id=\"ngram-data\">";
  return html + in_script(data) + "</script>\n";
}

}  // namespace ockham
