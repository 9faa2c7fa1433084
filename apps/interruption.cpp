#include "apps/interruption.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <initializer_list>
#include <string_view>

namespace ockham {
namespace {

volatile std::sig_atomic_t signal_came = 0;
volatile std::sig_atomic_t says_so = 0;

/// Seconds in which further signals are the first one, said again: `timeout` sends two at once, and
/// the second would end the program while it saves.
constexpr time_t kSameSignal = 2;
std::atomic<time_t> first_came{0};
static_assert(std::atomic<time_t>::is_always_lock_free);

time_t seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

void on_signal(int signal) {
  constexpr std::string_view kHeard = "\nstopping after this epoch; once more ends it at once\n";
  if (signal_came != 0) {
    if (seconds_now() - first_came < kSameSignal) return;
    std::signal(signal, SIG_DFL);
    raise(signal);  // takes effect when this returns
    return;
  }
  first_came = seconds_now();
  signal_came = 1;
  if (says_so != 0) static_cast<void>(!write(STDERR_FILENO, kHeard.data(), kHeard.size()));
}

/// The handler gets a stack of its own. oneDNN's kernels keep numbers below the end of the stack
/// that they run on, where a handler's frame would be written: three stops of eight of a wide
/// network's training crashed, or went on with wrong numbers.
void put_handlers_on_their_own_stack() {
  static std::array<std::byte, size_t{1} << 16> memory;
  stack_t stack{};
  stack.ss_sp = memory.data();
  stack.ss_size = memory.size();
  sigaltstack(&stack, nullptr);
}

}  // namespace

void trap_signals(Waiting waiting) {
  put_handlers_on_their_own_stack();
  says_so = waiting == Waiting::goes_on && isatty(STDERR_FILENO) != 0 ? 1 : 0;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction old {};
    sigaction(signal, nullptr, &old);
    if (old.sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_ONSTACK | (waiting == Waiting::goes_on ? SA_RESTART : 0);
    sigaction(signal, &action, nullptr);
  }
}

bool interrupted() {
  return signal_came != 0;
}

}  // namespace ockham
