#include "tests/cli/program.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace ockham {
namespace {

namespace fs = std::filesystem;

int checked(int result) {
  if (result < 0) throw std::runtime_error("a system call of the test failed");
  return result;
}

std::string read_to_end(int file) {
  std::string bytes;
  std::array<char, 4096> part;
  for (ssize_t got; (got = ::read(file, part.data(), part.size())) > 0;) {
    bytes.append(part.data(), static_cast<size_t>(got));
  }
  ::close(file);
  return bytes;
}

/// A pipe, because it cannot be read twice, that already holds all the input.
int filled_pipe(const std::string& input) {
  constexpr int kMostBytes = 1 << 20;
  std::array<int, 2> ends;
  checked(::pipe2(ends.data(), O_CLOEXEC));
  checked(::fcntl(ends[1], F_SETPIPE_SZ, kMostBytes));
  checked(::fcntl(ends[1], F_SETFL, O_NONBLOCK));
  if (::write(ends[1], input.data(), input.size()) != static_cast<ssize_t>(input.size())) {
    throw std::runtime_error("the input does not fit in a pipe");
  }
  ::close(ends[1]);
  return ends[0];
}

struct Streams {
  int input, output, errors;
};

/// In the new process: only calls that are safe after fork().
[[noreturn]] void become(char* const* command, const char* folder, const Streams& streams,
                         const Surroundings& surroundings) {
  ::dup2(streams.input, STDIN_FILENO);
  ::dup2(streams.output, STDOUT_FILENO);
  ::dup2(streams.errors, STDERR_FILENO);
  if (surroundings.input_closed) ::close(STDIN_FILENO);
  if (surroundings.output_closed) ::close(STDOUT_FILENO);
  if (surroundings.largest_file) {
    const rlimit limit{*surroundings.largest_file, *surroundings.largest_file};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(126);
  }
  // Whoever starts the tests may ignore some: a shell does, of what runs in the background.
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_DFL);
  if (::chdir(folder) != 0) ::_exit(126);
  ::execvp(command[0], command);
  ::_exit(127);
}

void put_program_on_path() {
  static const bool done = [] {
    const char* path = std::getenv("PATH");
    const std::string folder = fs::path(OCKHAM_PROGRAM).parent_path().string();
    return ::setenv("PATH", (folder + ":" + (path != nullptr ? path : "")).c_str(), 1) == 0;
  }();
  if (!done) throw std::runtime_error("PATH cannot be set");
}

}  // namespace

Program::Program(const std::vector<std::string>& command, const fs::path& folder,
                 const Surroundings& surroundings) {
  put_program_on_path();
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);

  Streams streams{};
  streams.input = filled_pipe(surroundings.input);
  output_ = checked(::memfd_create("stdout", MFD_CLOEXEC));
  streams.output = surroundings.output_path.empty()
                       ? checked(::fcntl(output_, F_DUPFD_CLOEXEC, 0))
                       : checked(::open(surroundings.output_path.c_str(), O_WRONLY | O_CLOEXEC));
  std::array<int, 2> errors;
  checked(::pipe2(errors.data(), O_CLOEXEC));
  errors_ = errors[0];
  streams.errors = errors[1];
  process_ = checked(::fork());
  if (process_ == 0) become(words.data(), folder.c_str(), streams, surroundings);
  for (const int file : {streams.input, streams.output, streams.errors}) ::close(file);
}

Program::~Program() {
  if (process_ < 0) return;
  send(SIGKILL);
  wait();
}

void Program::send(int signal) const {
  ::kill(process_, signal);
}

bool Program::running() const {
  siginfo_t state{};
  const int flags = WEXITED | WNOHANG | WNOWAIT;
  return ::waitid(P_PID, static_cast<id_t>(process_), &state, flags) == 0 && state.si_pid == 0;
}

Outcome Program::wait() {
  Outcome outcome;
  outcome.err = read_to_end(errors_);
  int status = 0;
  checked(::waitpid(process_, &status, 0));
  process_ = -1;
  checked(static_cast<int>(::lseek(output_, 0, SEEK_SET)));
  outcome.out = read_to_end(output_);
  if (WIFEXITED(status)) outcome.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  return outcome;
}

}  // namespace ockham
