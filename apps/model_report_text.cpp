#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "apps/model_report.hpp"
#include "apps/progress.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/train/temperature.hpp"

namespace ockham {
namespace {

void print_line(const char* what, size_t kept, size_t total, const char* note) {
  std::printf("%-22s %12s of %13s  %9.0fx  %s\n", what, grouped_digits(kept).c_str(),
              grouped_digits(total).c_str(), ratio(total, kept), note);
}

/// The strongest n-grams of one or two labels side by side.
void print_words(const ModelReport& report, size_t first, size_t labels) {
  constexpr size_t kMost = 12;
  std::vector<std::vector<std::string>> columns(labels);
  for (const NgramPolarity& p : report.polarities) {
    if (p.label < first || p.label >= first + labels) continue;
    std::vector<std::string>& column = columns[p.label - first];
    if (column.size() == kMost) continue;
    char change[16];
    std::snprintf(change, sizeof change, " %+6.2f", p.log_odds);
    column.push_back(cell(report.model.vocabulary.ngram(p.ngram), 28) + change);
  }
  size_t lines = 0;
  for (size_t c = 0; c < labels; ++c) {
    std::printf("  %s", cell(report.model.classes[first + c], 35).c_str());
    lines = std::max(lines, columns[c].size());
  }
  std::printf("\n");
  for (size_t line = 0; line < lines; ++line) {
    for (const auto& column : columns) {
      std::printf("  %s", cell(line < column.size() ? column[line] : "", 35).c_str());
    }
    std::printf("\n");
  }
}

void print_words(const ModelReport& report) {
  constexpr size_t kMostLabels = 8, kSideBySide = 2;
  const size_t labels = std::min(report.model.classes.size(), kMostLabels);
  std::printf("\nn-grams that speak most for each label (change of the log odds):\n");
  for (size_t c = 0; c < labels; c += kSideBySide) {
    print_words(report, c, std::min(kSideBySide, labels - c));
  }
}

/// The numbers of all dense layers as "dense 20 and 8, ".
std::string dense_text(const std::vector<size_t>& numbers) {
  std::string text;
  for (const size_t n : numbers) {
    text.append(text.empty() ? "dense " : " and ").append(grouped_digits(n));
  }
  return text.empty() ? text : text + ", ";
}

void print_hash(const ModelReport& report) {
  const HashedVocabulary& hashed = *report.model.vocabulary.hashed();
  std::printf("%-22s %12u   bits, seed %u; %.2f%% of all other n-grams are taken for a kept one\n",
              "hash", hashed.hashing().bits, hashed.hashing().seed,
              100.0 * false_hit_chance(hashed));
  if (!report.hits) return;
  std::printf("%-22s %12s   at least, beside %s right ones, in %s of --train\n", "false hits",
              grouped_digits(report.hits->false_hits).c_str(),
              grouped_digits(report.hits->hits).c_str(),
              report.hits->all_texts ? "the texts" : "the first texts");
}

void print_calibration(const PathSummary& path) {
  const PathPoint& chosen = path.points[path.chosen];
  if (!chosen.calibration_known()) return;
  std::printf("%-22s %12.4f   ", "ECE on validation", chosen.ece);
  const size_t made_up = path.measure.by_kept ? path.measure.made_up_texts : 0;
  if (path.measure.texts + made_up < kFewestForTemperature) {
    std::printf("no temperature: under %zu texts to fit it to\n", kFewestForTemperature);
  } else {
    std::printf("%.4f without its temperature, %.2f\n", chosen.ece_unscaled, chosen.temperature);
  }
}

}  // namespace

void print_model_report(const ModelReport& report) {
  const CompressionFigures& f = report.figures;
  const DenseOrigin& dense = report.model.dense;
  print_line("weights", f.weights_kept, dense.weights, "not zero and not constant");
  print_line("  as the papers count", dense.paper_weights, dense.weights,
             "constant gates' weights included");
  print_line("bytes", report.file.bytes, dense.bytes, "deployable file, of the dense fp32 model");
  std::printf("\n%-22s %12s   %s\n", "file", grouped_digits(report.file.bytes).c_str(),
              ("tokenizer " + grouped_digits(report.file.tokenizer_bytes) + ", vocabulary " +
               grouped_digits(report.file.vocabulary_bytes) + ", weights " +
               grouped_digits(report.file.weight_bytes) + " (" +
               std::string(weight_format_name(report.file.format)) + "), rest " +
               grouped_digits(report.file.other_bytes))
                  .c_str());
  std::printf("%-22s %12s\n", "n-grams", grouped_digits(f.words_kept).c_str());
  if (report.model.vocabulary.hashed() != nullptr) print_hash(report);
  std::printf("%-22s %12zu\n", "embedding dimensions", f.inputs_kept);
  std::printf("%-22s %12zu\n", "hidden units", f.units_kept);
  std::printf("%-22s %12zu   the others are constants\n", "gates", f.gates_kept);
  for (const size_t units : f.dense_layer_units) {
    std::printf("%-22s %12zu\n", "units of a dense layer", units);
  }
  std::printf("%-22s %12s   embedding; recurrent %s, %soutput %s\n", "weights by layer",
              grouped_digits(f.embedding_weights).c_str(),
              grouped_digits(f.recurrent_weights).c_str(),
              dense_text(f.dense_layer_weights).c_str(), grouped_digits(f.output_weights).c_str());
  std::printf("%-22s %12.0f\n", "FLOPs a kept token", f.flops_per_token);
  print_words(report);
  if (report.path) {
    print_calibration(*report.path);
    std::printf("\nthe path (measured on %s):\n%s", path_texts(report.path->measure).c_str(),
                path_table(*report.path).c_str());
  }
  std::fflush(stdout);
}

}  // namespace ockham
