#include "ockham/text/line_reader.hpp"

#include <utility>

#include "ockham/text/utf8.hpp"

namespace ockham {

LineReader::LineReader(const std::string& path)
    : name_(display_name(path)), lines_(open_byte_source(path)) {}

LineReader::LineReader(std::istream& stream, std::string name)
    : name_(std::move(name)), lines_(stream_byte_source(stream, name_)) {}

bool LineReader::next(std::string& text) {
  std::string_view line;
  if (!lines_.next(line)) return false;
  statistics_.replaced_sequences += sanitize_utf8(line, text);
  statistics_.bytes = lines_.bytes_read();
  statistics_.blank_lines += line.empty() ? 1 : 0;
  ++statistics_.records;
  return true;
}

std::string LineReader::where() const {
  return name_ + ":" + std::to_string(lines_.line_number());
}

}  // namespace ockham
