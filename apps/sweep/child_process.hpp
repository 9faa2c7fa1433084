#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace ockham {

/// How a child ended.
struct ChildEnd {
  pid_t child = 0;
  int code = 0;  ///< its exit code, or 128 and the signal that ended it
};

/// From now on children are there to be waited for. A process may have been started such that the
/// system forgets its children when they end.
void expect_children();

/// Starts this very program with other arguments: nothing on its standard input, its standard
/// output thrown away, its standard error in a file. It is in a process group of its own, so that
/// Ctrl-C reaches this process alone, which passes it on; and it is sent SIGTERM when this process
/// ends, killed or not (on Linux when the thread ends that called this: call it from the main one).
/// Throws Error.
pid_t start_self(const std::vector<std::string>& arguments, const std::string& error_file);

/// Waits a moment for a child to end; nothing where none has. Throws Error where there is none.
std::optional<ChildEnd> wait_for_child();

}  // namespace ockham
