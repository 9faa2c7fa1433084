#pragma once

#include <istream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "ockham/text/byte_source.hpp"
#include "ockham/text/record_lines.hpp"
#include "ockham/text/record_reader.hpp"

namespace ockham {

/// Reads `label<TAB>text` lines. The text is all that follows the first tab, and may be empty.
/// Lines that are empty or hold only spaces are skipped and counted.
class TsvReader final : public RecordReader {
 public:
  /// A stream that outlives the reader; `name` stands in messages.
  TsvReader(std::istream& stream, std::string name);
  TsvReader(std::unique_ptr<ByteSource> source, std::string name);

  bool next(Record& record) override;
  std::string where() const override { return lines_.where(); }
  std::string name() const override { return lines_.name(); }

  /// What it reads are lines of something else behind labels, such as "label<TAB>weight", which
  /// cannot be given in another format: messages say so and propose none.
  void expect(std::string lines) {
    expected_ = std::move(lines);
    other_formats_ = false;
  }

 private:
  void parse(std::string_view line, Record& record);
  const char* hint(std::string_view line) const;
  [[noreturn]] void fail_without_records() const;

  RecordLines lines_;
  std::string expected_ = "label<TAB>text";
  bool other_formats_ = true;
};

}  // namespace ockham
