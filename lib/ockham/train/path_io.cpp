#include "ockham/train/path_io.hpp"

#include <cstdio>

#include "ockham/model/classifier_io.hpp"
#include "ockham/model/json_file-inl.hpp"
#include "ockham/tensor/atomic_file.hpp"

namespace ockham {
namespace {

using nlohmann::json;

json to_json(const PathPoint& p) {
  json object = {{"kl_scale", p.kl_scale}, {"accuracy", p.accuracy}, {"macro_f1", p.macro_f1},
                 {"micro_f1", p.micro_f1}, {"nll", p.nll},           {"ngrams", p.ngrams},
                 {"units", p.units},       {"gates", p.gates},       {"weights", p.weights},
                 {"bytes", p.bytes}};
  if (p.calibration_known()) {
    object["temperature"] = p.temperature;
    object["ece"] = p.ece;
    object["ece_unscaled"] = p.ece_unscaled;
  }
  if (p.kept) object["kept"] = *p.kept;
  return object;
}

double share_from(const json& object, const char* key) {
  const auto share = field_as<double>(object, key);
  if (!(share >= 0.0 && share <= 1.0)) fail("\"", key, "\" must be from 0 to 1, not ", share);
  return share;
}

PathPoint point_from(const json& object) {
  PathPoint p;
  p.kl_scale = field_as<double>(object, "kl_scale");
  if (object.contains("kept")) p.kept = share_from(object, "kept");
  p.accuracy = share_from(object, "accuracy");
  p.macro_f1 = share_from(object, "macro_f1");
  p.micro_f1 = share_from(object, "micro_f1");
  p.nll = field_as<double>(object, "nll");
  if (object.contains("temperature")) {  // folders of before have none
    p.temperature = field_as<double>(object, "temperature");
    p.ece = field_as<double>(object, "ece");
    p.ece_unscaled = field_as<double>(object, "ece_unscaled");
  }
  p.ngrams = field_as<size_t>(object, "ngrams");
  p.units = field_as<size_t>(object, "units");
  p.gates = field_as<size_t>(object, "gates");
  p.weights = field_as<size_t>(object, "weights");
  p.bytes = field_as<size_t>(object, "bytes");
  return p;
}

}  // namespace

std::string path_point_json(const PathPoint& point) {
  return to_json(point).dump();
}

PathPoint path_point_from_json(const std::string& text) {
  return point_from(json::parse(text));
}

void save_path(const std::filesystem::path& folder, const PathSummary& summary,
               std::span<const PathModel> models) {
  json points = json::array();
  for (size_t i = 0; i < models.size(); ++i) {
    points.push_back(to_json(summary.points[i]));
    const std::filesystem::path target = path_model_folder(folder, i);
    make_folders(target);
    save_classifier(target, models[i].model);
  }
  json file = {{"validation_texts", summary.measure.texts},
               {"criterion", criterion_name(summary.measure.criterion)},
               {"guess", summary.measure.guess},
               {"chosen", summary.chosen},
               {"points", points}};
  if (summary.wish.max_bytes) file["max_bytes"] = *summary.wish.max_bytes;
  if (summary.wish.min_accuracy) file["min_accuracy"] = *summary.wish.min_accuracy;
  if (summary.measure.made_up_texts > 0) {
    file["made_up_texts"] = summary.measure.made_up_texts;
    file["chosen_by"] = summary.measure.by_kept ? kMeanWithKept : kValidation;
  }
  write_file_atomically(folder / kPathFile, file.dump(1) + "\n");
}

PathSummary load_path_summary(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kPathFile;
  const json object = read_json(file);
  return with_json_errors(file.string(), [&] {
    PathSummary summary;
    summary.measure.texts = field_as<size_t>(object, "validation_texts");
    summary.measure.criterion = parse_criterion(field_as<std::string>(object, "criterion"));
    summary.measure.guess = field_as<double>(object, "guess");
    if (object.contains("made_up_texts")) {
      summary.measure.made_up_texts = field_as<size_t>(object, "made_up_texts");
      const auto by = field_as<std::string>(object, "chosen_by");
      summary.measure.by_kept = by == kMeanWithKept;
      if (!summary.measure.by_kept && by != kValidation) fail("unknown \"chosen_by\" \"", by, "\"");
      if (summary.measure.made_up_texts == 0) fail("\"made_up_texts\" must not be 0");
    }
    summary.chosen = field_as<size_t>(object, "chosen");
    if (object.contains("max_bytes")) {
      summary.wish.max_bytes = field_as<size_t>(object, "max_bytes");
    }
    if (object.contains("min_accuracy")) {
      summary.wish.min_accuracy = field_as<double>(object, "min_accuracy");
    }
    for (const json& point : field(object, "points")) summary.points.push_back(point_from(point));
    if (summary.chosen > 0 && summary.chosen >= summary.points.size()) {
      fail("point ", summary.chosen, " is chosen, but there are ", summary.points.size());
    }
    return summary;
  });
}

std::filesystem::path path_model_folder(const std::filesystem::path& folder, size_t point) {
  char name[24];
  std::snprintf(name, sizeof name, "%02zu", point);
  return folder / kPathFolder / name;
}

std::vector<PathModel> load_path(const std::filesystem::path& folder) {
  const PathSummary summary = load_path_summary(folder);
  std::vector<PathModel> models;
  for (size_t i = 0; i < summary.points.size(); ++i) {
    models.push_back({summary.points[i], load_classifier(path_model_folder(folder, i))});
  }
  return models;
}

}  // namespace ockham
