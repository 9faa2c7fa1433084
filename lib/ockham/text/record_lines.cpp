#include "ockham/text/record_lines.hpp"

#include "ockham/tensor/error.hpp"

namespace ockham {

bool RecordLines::next(std::string_view& line) {
  if (!lines_.next(line)) return false;
  if (!lines_.line_ended() || line.size() > most_bytes_) {
    fail(where(), ": a line of more than ", most_bytes_ >> 20,
         " MiB; expected text, a record a line; correct or split the line");
  }
  return true;
}

}  // namespace ockham
