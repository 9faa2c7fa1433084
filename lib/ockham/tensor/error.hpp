#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace ockham {

/// Every failure that a user can cause or mend: a bad file, bad data, a full disk. The message is
/// one line that says what failed, where (file:line), what was expected and what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws Error with all arguments streamed into one message.
template <typename... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::ostringstream message;
  (message << ... << parts);
  throw Error(message.str());
}

}  // namespace ockham
