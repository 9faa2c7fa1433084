#include "apps/training_log.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {
namespace {

using nlohmann::json;

constexpr const char* kAccuracy = "accuracy";
constexpr const char* kMicroF1 = "micro_f1";

size_t count_at(const json& event, const char* key) {
  const json& value = event.at(key);
  if (!value.is_number_unsigned()) fail(key, " is no count");
  return value.get<size_t>();
}

/// Beyond what any training has, plots have no axes.
double number_at(const json& event, const char* key) {
  const double value = event.at(key).get<double>();
  if (!(std::abs(value) <= 1e15)) fail(key, " is no number of a training");
  return value;
}

EpochReport epoch_from(const json& event) {
  EpochReport report;
  report.phase = event.at("phase");
  report.epoch = count_at(event, "epoch");
  report.loss = number_at(event, "loss");
  report.kl = number_at(event, "kl");
  report.kl_scale = number_at(event, "kl_scale");
  report.criterion = event.contains(kAccuracy) ? Criterion::accuracy : Criterion::micro_f1;
  report.score = number_at(event, report.criterion == Criterion::accuracy ? kAccuracy : kMicroF1);
  if (event.contains("kept")) report.kept = number_at(event, "kept");
  report.ngrams = count_at(event, "ngrams");
  report.units = count_at(event, "units");
  if (event.contains("weights")) {  // logs of older versions have none
    report.weights = count_at(event, "weights");
  }
  report.seconds = number_at(event, "seconds");
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

TrainingCourse::Point course_point_from(const json& event) {
  TrainingCourse::Point result{.point = path_point_from_json(event.dump()), .noise = {}};
  for (const json& from : event.value("log_alpha", json::array())) {
    result.noise.push_back(histogram_from(from));
  }
  return result;
}

constexpr const char* kFingerprint = "fingerprint";
constexpr const char* kEpochsBefore = "epochs_before";
constexpr const char* kTeacher = "teacher";
constexpr std::string_view kOfTeacher = "teacher_";  // what the names of their events begin with

/// Of a line: "epoch" for example, and of which teacher, counted from 0. Throws for what is no
/// event.
struct EventKind {
  std::string name;
  std::optional<size_t> teacher;
};

EventKind kind_of(const json& event) {
  const std::string name = event.at("event");
  if (!name.starts_with(kOfTeacher)) return {name, {}};
  const size_t number = count_at(event, kTeacher);
  if (number == 0) fail("teachers are counted from 1");
  return {name.substr(kOfTeacher.size()), number - 1};
}

json event_of(const char* name, std::optional<size_t> teacher) {
  if (!teacher) return {{"event", name}};
  return {{"event", std::string(kOfTeacher) + name}, {kTeacher, *teacher + 1}};
}

/// Settings may hold names of files in any bytes.
std::string line_of(const json& event) {
  return event.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// What of a stopped run's log stays.
struct KeptLog {
  std::string lines;
  bool has_start = false;
  size_t epochs = 0;  // of the model itself

  /// Whether an event is before `from`, and not of another training.
  bool takes(const json& event, const EventKind& kind, const LogPosition& from) const {
    if (kind.teacher && *kind.teacher >= from.teachers.size()) return false;
    const std::string& ours = kind.teacher ? from.teachers[*kind.teacher] : from.fingerprint;
    // Logs of older versions have no fingerprints.
    if (kind.name == "start" && event.value(kFingerprint, ours) != ours) return false;
    if (kind.teacher) return true;
    if (!from.epochs || kind.name == "end") return false;
    return kind.name == "start" || (has_start && epochs < *from.epochs);
  }
};

/// Up to what is not before `from`, or what a kill cut off.
KeptLog kept_of(const std::string& path, const LogPosition& from) {
  std::ifstream file(path);
  KeptLog kept;
  std::string line;
  while (std::getline(file, line)) {
    try {
      const json event = json::parse(line);
      const EventKind kind = kind_of(event);
      if (!kept.takes(event, kind, from)) break;
      if (!kind.teacher && kind.name == "start") {
        kept.has_start = true;
        kept.epochs = event.value(kEpochsBefore, size_t{0});
      }
      kept.epochs += !kind.teacher && kind.name == "epoch";
    } catch (const std::exception&) {
      break;
    }
    kept.lines += line + "\n";
  }
  return kept;
}

void take_event(const json& event, TrainingHistory& history) {
  const EventKind kind = kind_of(event);
  TrainingCourse& course = kind.teacher ? history.teachers[*kind.teacher + 1] : history;
  if (kind.name == "start" && event.value(kEpochsBefore, size_t{0}) > 0) history.late = true;
  if (kind.name == "epoch") course.epochs.push_back(epoch_from(event));
  if (kind.name == "point") course.points.push_back(course_point_from(event));
  if (kind.name == "end") course.chosen = count_at(event, "chosen");
}

}  // namespace

bool TrainingLog::open(const std::string& own, const std::string& further,
                       const LogPosition& from) {
  KeptLog kept = kept_of(own, from);
  if (!further.empty()) {  // it may have what the other one lost
    KeptLog other = kept_of(further, from);
    if (other.lines.size() > kept.lines.size() && other.lines.starts_with(kept.lines)) {
      kept = std::move(other);
    }
  }
  files_.clear();
  for (const std::string& path : {own, further}) {
    if (path.empty()) continue;
    write_file_atomically(path, kept.lines);
    files_.push_back({path, std::ofstream(path, std::ios::app)});
    if (!files_.back().stream) fail("cannot write ", path, "; check the folder's permissions");
  }
  return kept.has_start;
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
                {kFingerprint, start.fingerprint},
                {"texts", start.texts},
                {"classes", start.classes},
                {"ngrams", start.ngrams}});
  if (start.epochs_before > 0) event[kEpochsBefore] = start.epochs_before;
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
  try {
    return kind_of(json::parse(line)).name == "start";
  } catch (const std::exception&) {  // it may be cut off, where the disk was full
    return line.find(R"("event":"start")") != std::string::npos ||
           line.find(R"("event":"teacher_start")") != std::string::npos;
  }
}

TrainingHistory read_training_log(const std::string& path) {
  std::ifstream file(path);
  if (!file) fail("cannot open ", path, ", which is to be the log.jsonl of a training");
  TrainingHistory history;
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    try {
      take_event(json::parse(line), history);
    } catch (const std::exception&) {
      if (file.eof()) break;  // a line that is still being written
      fail(path, ":", number, ": is no line of a training's log.jsonl");
    }
  }
  if (history.late) history.chosen.reset();  // it counts the lost points too
  return history;
}

}  // namespace ockham
