#include "apps/live_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "apps/terminal_text.hpp"

namespace ockham {

LiveLine::LiveLine(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {}

LiveLine::~LiveLine() {
  clear();
}

size_t LiveLine::columns() const {
  constexpr size_t kUnknown = 80;
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20;
  return (known ? size.ws_col : kUnknown) - 1;
}

void LiveLine::clear() {
  if (open_) std::cerr << "\r\033[K" << std::flush;
  open_ = false;
}

void LiveLine::note(const std::string& line) {
  if (quiet_) return;
  clear();
  std::cerr << line << std::endl;
}

void LiveLine::show(const std::string& line) {
  if (quiet_ || !terminal_) return;
  clear();
  std::cerr << cell(line, std::min(display_width(line), columns())) << std::flush;
  open_ = true;
}

}  // namespace ockham
