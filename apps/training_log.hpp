#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ockham/compress/noise_histogram.hpp"
#include "ockham/train/path.hpp"
#include "ockham/train/trainer.hpp"

namespace ockham {

/// Up to where the log of a stopped run stays: what is beyond happens again.
struct LogPosition {
  std::vector<std::string> teachers = {};  ///< that are ready: their fingerprints
  std::string fingerprint = {};            ///< of the model itself
  std::optional<size_t> epochs = {};       ///< of the model itself; nothing: it begins anew
};

/// What a training begins with.
struct LogStart {
  std::string settings;     ///< an INI file
  std::string fingerprint;  ///< as training_fingerprint makes it
  size_t texts = 0, classes = 0, ngrams = 0;
  size_t epochs_before = 0;  ///< that the log has lost
};

/// log.jsonl: one JSON object a line for every event of a run, as docs/log.md states it. `teacher`:
/// of that one, counted from 0, which is trained before the model; nothing: of the model itself.
/// All throw Error where a line cannot be written.
class TrainingLog {
 public:
  /// Goes on with the log `own` of a stopped run from there. The file `further` is told the same
  /// from the run's beginning, unless its name is empty; whatever it held is lost, but where `own`
  /// is the beginning of it and lacks the rest, it is what is gone on with. What is another
  /// training's by its fingerprint goes. False where the model's start is not in it.
  bool open(const std::string& own, const std::string& further, const LogPosition& from);
  bool is_open() const { return !files_.empty(); }
  void close() { files_.clear(); }

  void start(const LogStart& start, std::optional<size_t> teacher = {});
  void epoch(const EpochReport& report, std::optional<size_t> teacher = {});
  void point(const PathPoint& point, std::span<const NoiseHistogram> noise,
             std::optional<size_t> teacher = {});
  /// `chosen`: the model of the path, counted from 0, that is taken.
  void end(size_t chosen, double seconds, std::optional<size_t> teacher = {});

 private:
  struct File {
    std::string path;
    std::ofstream stream;
  };

  void write(const std::string& line);

  std::vector<File> files_;
};

/// Whether a file begins as a log does; an empty one, or one that cannot be opened, may become one.
bool is_training_log(const std::filesystem::path& file);

/// What a log tells of one training.
struct TrainingCourse {
  struct Point {
    PathPoint point;
    std::vector<NoiseHistogram> noise;
  };

  std::vector<EpochReport> epochs;
  std::vector<Point> points;
  std::optional<size_t> chosen = {};  ///< of the points; nothing: it has not ended, or an old log
};

/// What a log tells of a run.
struct TrainingHistory : TrainingCourse {
  std::map<size_t, TrainingCourse> teachers = {};  ///< by their numbers, from 1
  /// Its beginning was lost: the first points may be missing, and which one was chosen is not
  /// known.
  bool late = false;
};

/// Throws Error that names file and line.
TrainingHistory read_training_log(const std::string& path);

}  // namespace ockham
