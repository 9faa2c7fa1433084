#pragma once

#include <cstddef>
#include <string>

namespace ockham {

/// Standard error as a place for progress: lines that stay and, on a terminal, one below them that
/// is rewritten.
class LiveLine {
 public:
  /// `quiet`: nothing is written.
  explicit LiveLine(bool quiet);
  ~LiveLine();
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  bool quiet() const { return quiet_; }
  bool terminal() const { return terminal_; }
  /// What a line may take without being wrapped.
  size_t columns() const;

  /// A line that stays.
  void note(const std::string& line);
  /// The line that is rewritten, cut to the terminal's width; nothing elsewhere.
  void show(const std::string& line);
  /// Takes it away, before something else is written.
  void clear();

 private:
  bool quiet_;
  bool terminal_;
  bool open_ = false;
};

}  // namespace ockham
