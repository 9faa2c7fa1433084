#include "apps/training_log.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <nlohmann/json.hpp>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {
namespace {

using nlohmann::json;

constexpr const char* kAccuracy = "accuracy";
constexpr const char* kMicroF1 = "micro_f1";

EpochReport epoch_from(const json& event) {
  EpochReport report;
  report.phase = event.at("phase");
  report.epoch = event.at("epoch");
  report.loss = event.at("loss");
  report.kl = event.at("kl");
  report.kl_scale = event.at("kl_scale");
  report.criterion = event.contains(kAccuracy) ? Criterion::accuracy : Criterion::micro_f1;
  report.score = event.at(report.criterion == Criterion::accuracy ? kAccuracy : kMicroF1);
  if (event.contains("kept")) report.kept = event.at("kept").get<double>();
  report.ngrams = event.at("ngrams");
  report.units = event.at("units");
  report.weights = event.value("weights", size_t{0});  // logs of older versions have none
  report.seconds = event.at("seconds");
  return report;
}

/// Without the empty bins on both sides: `counts` begin at log alpha `low`.
json to_json(const NoiseHistogram& histogram) {
  const auto taken = [](size_t count) { return count > 0; };
  const auto& counts = histogram.counts;
  const auto first = std::ranges::find_if(counts, taken);
  const auto end = std::find_if(counts.rbegin(), std::make_reverse_iterator(first), taken).base();
  const auto before = static_cast<double>(first - counts.begin());
  json object{{"parameter", histogram.parameter},
              {"low", NoiseHistogram::kLow + before * NoiseHistogram::kStep},
              {"step", NoiseHistogram::kStep},
              {"counts", std::vector<size_t>(first, end)}};
  if (histogram.threshold) object["threshold"] = *histogram.threshold;
  return object;
}

NoiseHistogram histogram_from(const json& object) {
  NoiseHistogram histogram;
  histogram.parameter = object.at("parameter");
  if (object.contains("threshold")) histogram.threshold = object.at("threshold").get<double>();
  const auto counts = object.at("counts").get<std::vector<size_t>>();
  const double before =
      (object.at("low").get<double>() - NoiseHistogram::kLow) / NoiseHistogram::kStep;
  if (!(before >= 0 && before + static_cast<double>(counts.size()) <= NoiseHistogram::kBins)) {
    fail("bins beyond the histogram's");
  }
  std::ranges::copy(counts, histogram.counts.begin() + std::lround(before));
  return histogram;
}

TrainingHistory::Point point_from(const json& event) {
  TrainingHistory::Point result{.point = path_point_from_json(event.dump()), .noise = {}};
  for (const json& from : event.value("log_alpha", json::array())) {
    result.noise.push_back(histogram_from(from));
  }
  return result;
}

}  // namespace

TrainingLog::TrainingLog(const std::string& path, const std::string& earlier, size_t epochs)
    : path_(path) {
  std::ifstream old(earlier);
  std::string kept, line;
  for (size_t seen = 0; seen < epochs && std::getline(old, line);) {
    kept += line + "\n";
    const json event = json::parse(line, nullptr, false);
    seen += event.is_object() && event.contains("event") && event["event"] == "epoch";
  }
  write_file_atomically(path, kept);
  file_.open(path, std::ios::app);
  if (!file_) fail("cannot write ", path, "; check the folder's permissions");
}

void TrainingLog::write(const std::string& line) {
  file_ << line << std::endl;
  if (!file_) fail("cannot write ", path_, "; free some space or choose another place");
}

void TrainingLog::start(const std::string& command, size_t texts, size_t classes, size_t ngrams) {
  write(json{{"event", "start"},
             {"settings", command},
             {"texts", texts},
             {"classes", classes},
             {"ngrams", ngrams}}
            .dump(-1, ' ', false, json::error_handler_t::replace));
}

void TrainingLog::epoch(const EpochReport& r) {
  json event{{"event", "epoch"},
             {"phase", r.phase},
             {"epoch", r.epoch},
             {"loss", r.loss},
             {"kl", r.kl},
             {"kl_scale", r.kl_scale},
             {r.criterion == Criterion::accuracy ? kAccuracy : kMicroF1, r.score},
             {"ngrams", r.ngrams},
             {"units", r.units},
             {"weights", r.weights},
             {"seconds", r.seconds}};
  if (r.kept) event["kept"] = *r.kept;
  write(event.dump());
}

void TrainingLog::point(const PathPoint& point, std::span<const NoiseHistogram> noise) {
  json event = json::parse(path_point_json(point));
  event["event"] = "point";
  event["log_alpha"] = json::array();
  for (const NoiseHistogram& histogram : noise) event["log_alpha"].push_back(to_json(histogram));
  write(event.dump());
}

TrainingHistory read_training_log(const std::string& path) {
  std::ifstream file(path);
  if (!file) fail("cannot open the log ", path, "; --log takes the log.jsonl of a training");
  TrainingHistory history;
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    try {
      const json event = json::parse(line);
      const std::string kind = event.at("event");
      if (kind == "epoch") history.epochs.push_back(epoch_from(event));
      if (kind == "point") history.points.push_back(point_from(event));
    } catch (const std::exception&) {
      if (file.eof()) break;  // a line that is still being written
      fail(path, ":", number, ": not a line of a training's log; --log takes its log.jsonl");
    }
  }
  if (history.epochs.empty()) fail(path, ": holds no epoch of a training");
  return history;
}

}  // namespace ockham
