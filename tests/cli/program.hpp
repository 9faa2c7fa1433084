#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ockham {

/// How a program ended and what it wrote.
struct Outcome {
  int code = -1;   // -1: ended by `signal`
  int signal = 0;  // 0: ended by itself
  std::string out;
  std::string err;
};

/// What a program finds when it starts.
struct Surroundings {
  std::string input = {};        // on standard input
  std::string output_path = {};  // standard output goes there and is not captured
  bool input_closed = false;
  bool output_closed = false;
  std::optional<size_t> largest_file = {};  // bytes, as `ulimit -f` sets it
};

/// A program that runs beside the test, in the given folder, with `ockham` on its PATH. What is
/// not waited for is killed.
class Program {
 public:
  Program(const std::vector<std::string>& command, const std::filesystem::path& folder,
          const Surroundings& surroundings = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(int signal) const;
  bool running() const;
  /// At most once.
  Outcome wait();

 private:
  pid_t process_ = -1;
  int output_ = -1;  // a file without a name
  int errors_ = -1;  // the read end of a pipe
};

}  // namespace ockham
