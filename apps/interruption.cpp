#include "apps/interruption.hpp"

#include <csignal>
#include <initializer_list>

namespace ockham {
namespace {

volatile std::sig_atomic_t signal_came = 0;

void on_signal(int signal) {
  signal_came = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void trap_signals(Waiting waiting) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction old {};
    sigaction(signal, nullptr, &old);
    if (old.sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = waiting == Waiting::goes_on ? SA_RESTART : 0;
    sigaction(signal, &action, nullptr);
  }
}

bool interrupted() {
  return signal_came != 0;
}

}  // namespace ockham
