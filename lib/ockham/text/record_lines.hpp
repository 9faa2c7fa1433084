#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "ockham/text/byte_source.hpp"
#include "ockham/text/line_splitter.hpp"
#include "ockham/text/record_reader.hpp"

namespace ockham {

/// The lines of a file that has a record a line.
class RecordLines {
 public:
  /// `name` stands in messages.
  RecordLines(std::unique_ptr<ByteSource> source, std::string name,
              size_t most_bytes = kMaxRecordBytes)
      : name_(std::move(name)),
        lines_(std::move(source), most_bytes + 1),
        most_bytes_(most_bytes) {}

  /// As LineSplitter::next(). Throws Error for a line that is longer than `most_bytes`: it has run
  /// away, or the file is no text, and would take all memory.
  bool next(std::string_view& line);

  /// "file:line" of the last line.
  std::string where() const { return name_ + ":" + std::to_string(lines_.line_number()); }

  const std::string& name() const { return name_; }
  uint64_t line_number() const { return lines_.line_number(); }
  uint64_t bytes_read() const { return lines_.bytes_read(); }

 private:
  std::string name_;
  LineSplitter lines_;
  size_t most_bytes_;
};

}  // namespace ockham
