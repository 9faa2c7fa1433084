#include "ockham/train/path_io.hpp"

#include <cstdio>

#include "ockham/model/classifier_io.hpp"
#include "ockham/model/json_file-inl.hpp"

namespace ockham {
namespace {

using nlohmann::json;

json to_json(const PathPoint& p) {
  return {{"kl_scale", p.kl_scale}, {"accuracy", p.accuracy}, {"macro_f1", p.macro_f1},
          {"micro_f1", p.micro_f1}, {"nll", p.nll},           {"ngrams", p.ngrams},
          {"units", p.units},       {"gates", p.gates},       {"weights", p.weights},
          {"bytes", p.bytes}};
}

PathPoint point_from(const json& object) {
  PathPoint p;
  p.kl_scale = object.at("kl_scale").get<double>();
  p.accuracy = object.at("accuracy").get<double>();
  p.macro_f1 = object.at("macro_f1").get<double>();
  p.micro_f1 = object.at("micro_f1").get<double>();
  p.nll = object.at("nll").get<double>();
  p.ngrams = object.at("ngrams").get<size_t>();
  p.units = object.at("units").get<size_t>();
  p.gates = object.at("gates").get<size_t>();
  p.weights = object.at("weights").get<size_t>();
  p.bytes = object.at("bytes").get<size_t>();
  return p;
}

}  // namespace

std::string path_point_json(const PathPoint& point) {
  return to_json(point).dump();
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
  const json file = {{"validation_texts", summary.measure.texts},
                     {"criterion", criterion_name(summary.measure.criterion)},
                     {"guess", summary.measure.guess},
                     {"chosen", summary.chosen},
                     {"points", points}};
  write_file_atomically(folder / kPathFile, file.dump(1) + "\n");
}

PathSummary load_path_summary(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kPathFile;
  const json object = read_json(file);
  return with_json_errors(file.string(), [&] {
    PathSummary summary;
    summary.measure.texts = object.at("validation_texts").get<size_t>();
    summary.measure.criterion = parse_criterion(object.at("criterion").get<std::string>());
    summary.measure.guess = object.at("guess").get<double>();
    summary.chosen = object.at("chosen").get<size_t>();
    for (const json& point : object.at("points")) summary.points.push_back(point_from(point));
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
