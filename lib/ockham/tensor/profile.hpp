#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ockham {

/// Where a run spends its time: seconds of its parts, told apart by name and by the phase that the
/// run is in. Parts nest, and count their own time alone. Only the thread that made the profile is
/// measured: what it shares out over a pool is part of the part that waits for it.
class Profile {
 public:
  struct Row {
    std::string phase;
    std::string part;
    double seconds = 0.0;
  };

  /// Measures a part from here to the end of its scope; with a null profile nothing.
  class Part {
   public:
    Part(Profile* profile, std::string_view name);
    ~Part();
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

   private:
    Profile* profile_;
  };

  /// Whether a phase that begins within another is one of its own.
  enum class Within { its_own, the_same };

  /// What follows is of that phase, until its scope ends; with a null profile nothing.
  class Phase {
   public:
    Phase(Profile* profile, std::string_view name, Within within = Within::its_own);
    ~Phase();
    Phase(const Phase&) = delete;
    Phase& operator=(const Phase&) = delete;

   private:
    Profile* profile_;
    std::string before_;
    Within within_before_ = Within::its_own;
  };

  /// In order of first appearance. Of parts that have not ended, the time so far.
  std::vector<Row> rows();
  /// Since the profile was made.
  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  void begin(std::string_view part);
  void end();
  void count();
  size_t row_of(std::string_view part);

  std::thread::id owner_ = std::this_thread::get_id();
  Clock::time_point made_ = Clock::now();
  Clock::time_point counted_ = made_;  // up to here time has been given to rows
  std::string phase_;
  Within within_ = Within::its_own;  // what a phase that begins now is
  std::vector<Row> rows_;
  std::vector<size_t> open_;  // rows of the parts that have begun, outermost first
};

}  // namespace ockham
