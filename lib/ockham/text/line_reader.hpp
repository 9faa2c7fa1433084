#pragma once

#include <cstdint>
#include <istream>
#include <string>

#include "ockham/text/line_splitter.hpp"
#include "ockham/text/record_reader.hpp"

namespace ockham {

/// Reads unlabelled texts, one a line: as many texts as lines, an empty line being an empty text.
/// Memory does not grow with the input beyond its longest line.
class LineReader {
 public:
  /// A file, or standard input for "-". Throws Error if it cannot be opened.
  explicit LineReader(const std::string& path);
  /// A stream that outlives the reader; `name` stands in messages.
  LineReader(std::istream& stream, std::string name);

  /// Replaces `text` by the next line as valid UTF-8, reusing its storage; false at the end.
  bool next(std::string& text);

  /// "file:line" of the text read last.
  std::string where() const;
  const ReadStatistics& statistics() const { return statistics_; }

 private:
  std::string name_;
  LineSplitter lines_;
  ReadStatistics statistics_;
};

}  // namespace ockham
