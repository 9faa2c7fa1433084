#pragma once

#include <cstddef>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "ockham/compress/noise_histogram.hpp"
#include "ockham/train/path.hpp"
#include "ockham/train/trainer.hpp"

namespace ockham {

/// log.jsonl: one JSON object a line for every event of a run.
class TrainingLog {
 public:
  /// Goes on with a stopped run's log `earlier`, which may be this file, after its first `epochs`
  /// epochs: they are all that the file has then. What is beyond them will happen again.
  TrainingLog(const std::string& path, const std::string& earlier, size_t epochs);

  void start(const std::string& command, size_t texts, size_t classes, size_t ngrams);
  void epoch(const EpochReport& report);
  void point(const PathPoint& point, std::span<const NoiseHistogram> noise);

 private:
  void write(const std::string& line);

  std::string path_;
  std::ofstream file_;
};

/// What a log tells of a run.
struct TrainingHistory {
  struct Point {
    PathPoint point;
    std::vector<NoiseHistogram> noise;
  };

  std::vector<EpochReport> epochs;
  std::vector<Point> points;
};

/// Throws Error that names file and line.
TrainingHistory read_training_log(const std::string& path);

}  // namespace ockham
