#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "apps/live_line.hpp"
#include "apps/sweep/input_contents.hpp"
#include "apps/sweep/sweep_folder.hpp"
#include "apps/sweep/sweep_plan.hpp"

namespace ockham {

/// Trains the runs that are not finished yet, several at a time, each as a process of its own.
class SweepRunner {
 public:
  /// `contents`: of the files as they are when the sweep begins.
  SweepRunner(const SweepFolder& folder, InputContents& contents, size_t at_a_time,
              size_t threads_each, LiveLine& line)
      : folder_(folder),
        contents_(contents),
        at_a_time_(at_a_time),
        threads_each_(threads_each),
        line_(line) {}

  /// Gives back the runs that failed, with the reason. Throws Error when it is interrupted: the
  /// trainings have stopped then, and will go on where they are.
  std::map<std::string, std::string> run(const std::vector<SweepRun>& runs);

 private:
  using Clock = std::chrono::steady_clock;
  struct Training {
    const SweepRun* run;
    Clock::time_point started;
  };

  void start(const SweepRun& run, const std::string& inputs);
  void start_unchanged(const SweepRun& run, std::map<std::string, std::string>& failed);
  void say_failed(const SweepRun& run, const std::string& reason,
                  std::map<std::string, std::string>& failed) const;
  void take_end(std::map<std::string, std::string>& failed);
  void show() const;
  [[noreturn]] void stop();

  SweepFolder folder_;
  InputContents& contents_;
  size_t at_a_time_, threads_each_;
  LiveLine& line_;
  std::map<int, Training> trainings_;  // by process
  size_t all_ = 0, ended_ = 0, trained_ = 0;
  double seconds_ = 0;  // of trainings that this sweep saw from start to end
};

}  // namespace ockham
