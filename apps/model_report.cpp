#include "apps/model_report.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/load_model.hpp"
#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json hash_json(const ModelReport& report) {
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

json to_json(const ModelReport& report) {
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

}  // namespace

ModelReport make_model_report(const std::string& path) {
  ModelReport report;
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

void count_false_hits(const std::string& texts, const DataOptions& options, ModelReport& report) {
  const HashedVocabulary* hashed = report.model.vocabulary.hashed();
  if (hashed == nullptr) {
    fail("the model keeps its n-grams as words, which nothing else can hit; leave out --train");
  }
  DataOptions of_model = options;
  of_model.several_labels = report.model.several_labels;
  const Dataset dataset = read_dataset(*open_records(texts, of_model));
  report.hits = count_hits(
      *hashed, count_ngram_hashes(dataset, *report.model.tokenizer, hashed->hashing().max_length));
}

double false_hit_chance(const HashedVocabulary& hashed) {
  return static_cast<double>(hashed.size()) /
         std::ldexp(1.0, static_cast<int>(hashed.hashing().bits));
}

double ratio(size_t a, size_t b) {
  return static_cast<double>(a) / static_cast<double>(std::max<size_t>(1, b));
}

std::string model_report_json(const ModelReport& report) {
  return to_json(report).dump(1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ockham
