#include "apps/sweep/child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

constexpr const char* kSelf = "/proc/self/exe";

/// An open file, closed at the end. It has a number above those of the standard streams, which it
/// may take the place of where this process has none.
class OpenFile {
 public:
  OpenFile(const char* path, int flags) {
    const int opened = ::open(path, flags | O_CLOEXEC, 0666);
    number_ = opened < 0 ? -1 : fcntl(opened, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int error = errno;
    if (opened >= 0) ::close(opened);
    if (number_ < 0) fail("cannot open ", path, " for a training: ", system_reason(error));
  }
  ~OpenFile() { ::close(number_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int number() const { return number_; }

 private:
  int number_ = -1;
};

/// In the child: only calls that are safe between fork() and exec(). It ends with this process
/// (prctl, Linux), however that ends; a training then leaves a checkpoint behind.
[[noreturn]] void become(char* const* argv, const OpenFile& nothing, const OpenFile& errors,
                         pid_t parent) {
  dup2(nothing.number(), STDIN_FILENO);
  dup2(nothing.number(), STDOUT_FILENO);
  dup2(errors.number(), STDERR_FILENO);
  setpgid(0, 0);
  // Signals that the parent traps or ignores are the child's own business.
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) signal(number, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() == parent) execv(kSelf, argv);
  constexpr std::string_view kReason = "the training's program could not be started\n";
  static_cast<void>(!::write(STDERR_FILENO, kReason.data(), kReason.size()));
  _exit(127);
}

}  // namespace

void expect_children() {
  signal(SIGCHLD, SIG_DFL);
}

pid_t start_self(const std::vector<std::string>& arguments, const std::string& error_file) {
  const OpenFile nothing("/dev/null", O_RDWR);
  const OpenFile errors(error_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
  std::vector<std::string> words{"ockham"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) fail("cannot start a training: ", system_reason(errno));
  if (child == 0) become(argv.data(), nothing, errors, parent);
  return child;
}

std::optional<ChildEnd> wait_for_child() {
  // Looked for again and again: a signal just before a wait without end would be waited over.
  constexpr timespec kMoment{.tv_sec = 0, .tv_nsec = 20'000'000};
  int status = 0;
  const pid_t child = waitpid(-1, &status, WNOHANG);
  if (child < 0 && errno != EINTR) fail("cannot wait for a training: ", system_reason(errno));
  if (child == 0) nanosleep(&kMoment, nullptr);
  if (child <= 0) return std::nullopt;
  return ChildEnd{child, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)};
}

}  // namespace ockham
