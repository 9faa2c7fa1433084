#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ockham/text/byte_source.hpp"
#include "ockham/text/record_lines.hpp"
#include "ockham/text/record_reader.hpp"

namespace ockham {

/// Reads texts without labels, one a line: as many texts as lines, an empty line being an empty
/// text. Memory does not grow with the input beyond its longest line.
class LineReader final : public RecordReader {
 public:
  LineReader(std::unique_ptr<ByteSource> source, std::string name);

  bool next(Record& record) override;
  std::string where() const override { return lines_.where(); }
  std::string name() const override { return lines_.name(); }

 private:
  RecordLines lines_;
};

}  // namespace ockham
