#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/load_model.hpp"
#include "apps/options.hpp"
#include "apps/progress.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/compress/figures.hpp"
#include "ockham/compress/hashing.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/deploy/polarity.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/train/path_io.hpp"
#include "ockham/train/temperature.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// All that is reported, of a folder or a file.
struct Report {
  FoldedModel model;
  CompressionFigures figures;
  CompactSummary file;
  std::optional<PathSummary> path;
  std::vector<NgramPolarity> polarities;
  std::optional<HashFit> hits;  ///< of hashed n-grams, in texts
};

Report make_report(const std::string& path) {
  Report report;
  std::string bytes;
  if (is_model_folder(path)) {
    // What the file will hold: its rounded weights.
    bytes = encode_compact(load_folded_folder(path), WeightFormat::int8);
    report.model = decode_compact(bytes, path);
    if (fs::exists(fs::path(path) / kPathFile)) report.path = load_summary(path);
  } else {
    bytes = read_compact_bytes(path);
    report.model = decode_compact(bytes, path);
  }
  report.figures = compression_figures(report.model);
  report.file = summarize_compact(bytes, path);
  report.polarities = ngram_polarities(report.model);
  return report;
}

/// Counts the false hits of hashed n-grams.
void count_false_hits(const std::string& texts, const DataOptions& options, Report& report) {
  const HashedVocabulary* hashed = report.model.vocabulary.hashed();
  if (hashed == nullptr) {
    fail("the model keeps its n-grams as words, which nothing else can hit; leave out --train");
  }
  const Dataset dataset = read_dataset(*open_records(texts, options));
  report.hits = count_hits(
      *hashed, count_ngram_hashes(dataset, *report.model.tokenizer, hashed->hashing().max_length));
}

/// How likely an n-gram is taken for a kept one.
double false_hit_chance(const HashedVocabulary& hashed) {
  return static_cast<double>(hashed.size()) /
         std::ldexp(1.0, static_cast<int>(hashed.hashing().bits));
}

json hash_json(const Report& report) {
  const HashedVocabulary& hashed = *report.model.vocabulary.hashed();
  json object = {{"bits", hashed.hashing().bits},
                 {"seed", hashed.hashing().seed},
                 {"false_hit_chance", false_hit_chance(hashed)}};
  if (report.hits) {
    object["hits"] = report.hits->hits;
    object["false_hits"] = report.hits->false_hits;
  }
  return object;
}

double ratio(size_t a, size_t b) {
  return static_cast<double>(a) / static_cast<double>(std::max<size_t>(1, b));
}

json to_json(const Report& report) {
  const CompressionFigures& f = report.figures;
  const DenseOrigin& dense = report.model.dense;
  json words = json::array();
  for (const NgramPolarity& p : report.polarities) {
    words.push_back({{"ngram", report.model.vocabulary.ngram(p.ngram)},
                     {"label", report.model.classes[p.label]},
                     {"polarity", p.log_odds}});
  }
  json object = {{"weights_total", dense.weights},
                 {"weights_kept", f.weights_kept},
                 {"compression", ratio(dense.weights, f.weights_kept)},
                 {"weights_kept_papers", dense.paper_weights},
                 {"compression_papers", ratio(dense.weights, dense.paper_weights)},
                 {"bytes_dense", dense.bytes},
                 {"bytes_file", report.file.bytes},
                 {"bytes_compression", ratio(dense.bytes, report.file.bytes)},
                 {"weight_format", weight_format_name(report.file.format)},
                 {"bytes_tokenizer", report.file.tokenizer_bytes},
                 {"bytes_vocabulary", report.file.vocabulary_bytes},
                 {"bytes_weights", report.file.weight_bytes},
                 {"bytes_rest", report.file.other_bytes},
                 {"words_kept", f.words_kept},
                 {"inputs_kept", f.inputs_kept},
                 {"units_kept", f.units_kept},
                 {"gates_kept", f.gates_kept},
                 {"flops_per_token", f.flops_per_token},
                 {"layers",
                  {{"embedding", f.embedding_weights},
                   {"recurrent", f.recurrent_weights},
                   {"dense", f.dense_layer_weights},
                   {"output", f.output_weights}}},
                 {"dense_units_kept", f.dense_layer_units},
                 {"labels", report.model.classes},
                 {"several_labels", report.model.several_labels},
                 {"thresholds", report.model.thresholds},
                 {"words", words}};
  if (report.model.vocabulary.hashed() != nullptr) object["hash"] = hash_json(report);
  if (report.path) {
    json points = json::array();
    for (const PathPoint& p : report.path->points) {
      points.push_back(json::parse(path_point_json(p)));
    }
    object["path"] = {{"chosen", report.path->chosen},
                      {"criterion", criterion_name(report.path->measure.criterion)},
                      {"validation_texts", report.path->measure.texts},
                      {"points", points}};
    if (const size_t made_up = report.path->measure.made_up_texts; made_up > 0) {
      object["path"]["made_up_texts"] = made_up;
      object["path"]["chosen_by"] = report.path->measure.by_kept ? kMeanWithKept : kValidation;
    }
  }
  return object;
}

void print_line(const char* what, size_t kept, size_t total, const char* note) {
  std::printf("%-22s %12s of %13s  %9.0fx  %s\n", what, grouped_digits(kept).c_str(),
              grouped_digits(total).c_str(), ratio(total, kept), note);
}

/// The strongest n-grams of one or two labels side by side.
void print_words(const Report& report, size_t first, size_t labels) {
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

void print_words(const Report& report) {
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

void print_hash(const Report& report) {
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
  if (path.measure.texts + path.measure.made_up_texts < kFewestForTemperature) {
    std::printf("no temperature: under %zu texts to fit it to\n", kFewestForTemperature);
  } else {
    std::printf("%.4f without its temperature, %.2f\n", chosen.ece_unscaled, chosen.temperature);
  }
}

void print(const Report& report) {
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

struct ReportCommand final : Subcommand {
  std::string model, train;
  DataOptions data;
  bool as_json = false;
  Command command{"report", "Say what was kept of a model and what it costs.",
                  "ockham report --model reviews"};

  ReportCommand();
  Command& options() override { return command; }
  int run() override;
};

ReportCommand::ReportCommand() {
  command.required(&model, "model", "DIR|FILE", "trained folder or deployable file");
  command.option(&train, "train", "FILE",
                 "the texts of the training: counts the false hits of hashed n-grams in them");
  command.flag(&as_json, "json", "one JSON object, with every kept n-gram and its polarity");
  declare_unlabelled_options(command, data);
}

int ReportCommand::run() {
  Report report = make_report(model);
  if (!train.empty()) count_false_hits(train, data, report);
  if (as_json) {
    std::cout << to_json(report).dump(1, ' ', false, json::error_handler_t::replace) << '\n';
  } else {
    print(report);
  }
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_report_command() {
  return std::make_unique<ReportCommand>();
}

}  // namespace ockham
