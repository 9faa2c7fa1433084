#include "apps/training_log.hpp"

#include <algorithm>
#include <array>
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

constexpr const char* kTeacher = "teacher";
const std::string kOfTeacher = "teacher_";  // what the names of their events begin with

/// Of a line: "epoch" for example, and whose. Throws for what is no event.
struct EventKind {
  std::string name;
  std::optional<size_t> teacher;
};

EventKind kind_of(const json& event) {
  const std::string name = event.at("event");
  if (!name.starts_with(kOfTeacher)) return {name, {}};
  return {name.substr(kOfTeacher.size()), event.at(kTeacher).get<size_t>()};
}

json event_of(const char* name, std::optional<size_t> teacher) {
  if (!teacher) return {{"event", name}};
  return {{"event", kOfTeacher + name}, {kTeacher, *teacher + 1}};
}

/// Settings may hold names of files in any bytes.
std::string line_of(const json& event) {
  return event.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// The lines of a log before `from`, up to one that a kill cut off.
std::string lines_before(const std::string& path, LogPosition from) {
  std::ifstream file(path);
  std::string kept, line;
  LogPosition seen;
  while (std::getline(file, line)) {
    try {
      const EventKind kind = kind_of(json::parse(line));
      if (kind.teacher ? seen.teachers == from.teachers : seen.epochs == from.epochs) break;
      seen.teachers += kind.teacher && kind.name == "end";
      seen.epochs += !kind.teacher && kind.name == "epoch";
    } catch (const json::exception&) {
      break;
    }
    kept += line + "\n";
  }
  return kept;
}

/// Whose an event is: teachers come one behind the other, each beginning with its start.
TrainingHistory& owner_of(const EventKind& kind, TrainingHistory& history) {
  if (!kind.teacher) return history;
  if (kind.name == "start" || history.teachers.empty()) history.teachers.emplace_back();
  return history.teachers.back();
}

void take_event(const json& event, TrainingHistory& history) {
  const EventKind kind = kind_of(event);
  TrainingHistory& owner = owner_of(kind, history);
  if (kind.name == "epoch") owner.epochs.push_back(epoch_from(event));
  if (kind.name == "point") owner.points.push_back(point_from(event));
  if (kind.name == "end") owner.chosen = event.at("chosen").get<size_t>();
}

}  // namespace

void TrainingLog::open(const std::string& own, const std::string& further, LogPosition from) {
  const std::string kept = lines_before(own, from);
  files_.clear();
  for (const std::string& path : {own, further}) {
    if (path.empty()) continue;
    write_file_atomically(path, kept);
    files_.push_back({path, std::ofstream(path, std::ios::app)});
    if (!files_.back().stream) fail("cannot write ", path, "; check the folder's permissions");
  }
}

void TrainingLog::write(const std::string& line) {
  for (File& file : files_) {
    file.stream << line << std::endl;
    if (!file.stream) {
      fail("cannot write ", file.path, "; free some space or choose another place");
    }
  }
}

void TrainingLog::start(const LogStart& start, std::optional<size_t> teacher) {
  json event = event_of("start", teacher);
  event.update({{"settings", start.settings},
                {"texts", start.texts},
                {"classes", start.classes},
                {"ngrams", start.ngrams}});
  write(line_of(event));
}

void TrainingLog::epoch(const EpochReport& r, std::optional<size_t> teacher) {
  json event = event_of("epoch", teacher);
  event.update({{"phase", r.phase},
                {"epoch", r.epoch},
                {"loss", r.loss},
                {"kl", r.kl},
                {"kl_scale", r.kl_scale},
                {r.criterion == Criterion::accuracy ? kAccuracy : kMicroF1, r.score},
                {"ngrams", r.ngrams},
                {"units", r.units},
                {"weights", r.weights},
                {"seconds", r.seconds}});
  if (r.kept) event["kept"] = *r.kept;
  write(line_of(event));
}

void TrainingLog::point(const PathPoint& point, std::span<const NoiseHistogram> noise,
                        std::optional<size_t> teacher) {
  json event = event_of("point", teacher);
  event.update(json::parse(path_point_json(point)));
  event["log_alpha"] = json::array();
  for (const NoiseHistogram& histogram : noise) event["log_alpha"].push_back(to_json(histogram));
  write(line_of(event));
}

void TrainingLog::end(size_t chosen, double seconds, std::optional<size_t> teacher) {
  json event = event_of("end", teacher);
  event.update({{"chosen", chosen}, {"seconds", seconds}});
  write(line_of(event));
}

bool is_training_log(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return true;
  // The line may be cut off where the disk was full.
  return std::ranges::any_of(std::array{"start", "teacher_start"}, [&](const std::string& name) {
    return line.find("\"event\":\"" + name + "\"") != std::string::npos;
  });
}

TrainingHistory read_training_log(const std::string& path) {
  std::ifstream file(path);
  if (!file) fail("cannot open the log ", path, "; --log takes the log.jsonl of a training");
  TrainingHistory history;
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    try {
      take_event(json::parse(line), history);
    } catch (const std::exception&) {
      if (file.eof()) break;  // a line that is still being written
      fail(path, ":", number, ": not a line of a training's log; --log takes its log.jsonl");
    }
  }
  return history;
}

}  // namespace ockham
