#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "apps/model_report.hpp"
#include "apps/progress.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "ockham/train/temperature.hpp"

namespace ockham {
namespace {

void print_line(const char* what, const std::string& figure, const std::string& note) {
  std::printf("%-22s %12s%s%s\n", what, figure.c_str(), note.empty() ? "" : "   ", note.c_str());
}

/// Such as "of 48,400 (29x)".
std::string share_text(size_t kept, size_t total) {
  char times[32];
  std::snprintf(times, sizeof times, " (%.0fx)", ratio(total, kept));
  return "of " + grouped_digits(total) + times;
}

/// The strongest n-grams of one or two labels side by side.
void print_words(const ModelReport& report, size_t first, size_t labels) {
  constexpr size_t kMost = 12;
  std::vector<std::vector<std::string>> ngrams(labels), changes(labels), columns(labels);
  for (const NgramPolarity& p : report.polarities) {
    if (p.label < first || p.label >= first + labels) continue;
    const size_t c = p.label - first;
    if (ngrams[c].size() == kMost) continue;
    char change[16];
    std::snprintf(change, sizeof change, " %+6.2f", p.log_odds);
    ngrams[c].push_back(report.model.vocabulary.ngram(p.ngram));
    changes[c].emplace_back(change);
  }
  for (size_t c = 0; c < labels; ++c) {
    const std::vector<std::string> shown = distinct_names(ngrams[c], 28);
    for (size_t i = 0; i < shown.size(); ++i)
      columns[c].push_back(cell(shown[i], 28) + changes[c][i]);
  }
  size_t lines = 0;
  const std::vector<std::string> names = distinct_names(report.model.classes, 35);
  for (size_t c = 0; c < labels; ++c) {
    std::printf("  %s", cell(names[first + c], 35).c_str());
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

void print_hash(const ModelReport& report) {
  const HashedVocabulary& hashed = *report.model.vocabulary.hashed();
  print_line("hash", std::to_string(hashed.hashing().bits),
             "bits, seed " + std::to_string(hashed.hashing().seed) + "; " +
                 percent_text(false_hit_chance(hashed)) + "% of other n-grams hit");
  const auto* words = dynamic_cast<const WordTokenizer*>(report.model.tokenizer.get());
  if (words != nullptr && words->characters()) {
    print_line("characters", std::to_string(words->characters()->size()),
               "beyond ASCII; " + std::string(kOtherToken) + " is what has another one");
  }
  if (!report.hits) return;
  print_line("false hits", grouped_digits(report.hits->false_hits),
             "at least, beside " + grouped_digits(report.hits->hits) + " right ones");
  print_line("", "", report.hits->all_texts ? "in --train" : "in the first texts of --train");
}

void print_calibration(const PathSummary& path) {
  const PathPoint& chosen = path.points[path.chosen];
  if (!chosen.calibration_known()) return;
  std::printf("%-22s %12.4f   ", "ECE on validation", chosen.ece);
  const size_t made_up = path.measure.by_kept ? path.measure.made_up_texts : 0;
  if (path.measure.texts + made_up < kFewestForTemperature) {
    std::printf("no temperature: fewer than %zu texts\n", kFewestForTemperature);
  } else {
    std::printf("%.4f without its temperature, %.2f\n", chosen.ece_unscaled, chosen.temperature);
  }
}

}  // namespace

void print_model_report(const ModelReport& report) {
  const CompressionFigures& f = report.figures;
  const DenseOrigin& dense = report.model.dense;
  print_line("weights", grouped_digits(f.weights_kept),
             share_text(f.weights_kept, dense.weights) + "; without constants");
  print_line("  as the papers count", grouped_digits(dense.paper_weights),
             share_text(dense.paper_weights, dense.weights) + "; with constants");
  print_line("bytes", grouped_digits(report.file.bytes),
             share_text(report.file.bytes, dense.bytes) + " in dense fp32");
  print_line("  vocabulary", grouped_digits(report.file.vocabulary_bytes), "");
  print_line("  weights", grouped_digits(report.file.weight_bytes),
             "as " + std::string(weight_format_name(report.file.format)));
  print_line("  tokenizer", grouped_digits(report.file.tokenizer_bytes), "");
  print_line("  rest", grouped_digits(report.file.other_bytes), "");
  std::printf("\n");
  print_line("n-grams", grouped_digits(f.words_kept), "");
  if (report.model.vocabulary.hashed() != nullptr) print_hash(report);
  print_line("embedding dimensions", grouped_digits(f.inputs_kept), "");
  print_line("hidden units", grouped_digits(f.units_kept), "");
  print_line("gates", grouped_digits(f.gates_kept), "the others are constants");
  for (const size_t units : f.dense_layer_units) {
    print_line("units of a dense layer", grouped_digits(units), "");
  }
  print_line("weights by layer", grouped_digits(f.embedding_weights), "embedding");
  print_line("", grouped_digits(f.recurrent_weights), "recurrent");
  for (const size_t weights : f.dense_layer_weights) {
    print_line("", grouped_digits(weights), "dense");
  }
  print_line("", grouped_digits(f.output_weights), "output");
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
