#pragma once

#include <string>
#include <vector>

#include "apps/live_line.hpp"
#include "ockham/train/path_io.hpp"
#include "ockham/train/trainer.hpp"

namespace ockham {

/// Shows a training on stderr: one line that is rewritten on a terminal, a plain line now and then
/// otherwise.
class Progress {
 public:
  explicit Progress(bool quiet) : line_(quiet) {}

  void note(const std::string& line) { line_.note(line); }
  /// Before something else is written.
  void clear() { line_.clear(); }
  void epoch(const EpochReport& report);
  void point(const PathPoint& point, Criterion criterion);

 private:
  double seconds_left(const EpochReport& report) const;
  std::string live_text(const EpochReport& report) const;

  LiveLine line_;
  double last_printed_ = -1e9;
  std::vector<double> epoch_ends_;
};

/// The path as a table for people, the chosen point marked.
std::string path_table(const PathSummary& path);
/// What it was measured on, and with made-up texts what was chosen by.
std::string path_texts(const PathMeasure& measure);

}  // namespace ockham
