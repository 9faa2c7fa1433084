#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ockham/text/byte_source.hpp"
#include "ockham/text/record_lines.hpp"
#include "ockham/text/record_reader.hpp"

namespace ockham {

/// Reads fastText's lines, `__label__x __label__y text`: every word that starts with `__label__` is
/// a label, wherever it stands; one at least, unless labels are ignored. Words are parted by white
/// space of ASCII and NUL, as in fastText. The text is what follows the space behind the labels in
/// front. Lines that are empty or hold only spaces are skipped and counted.
class FastTextReader final : public RecordReader {
 public:
  /// `name` stands in messages.
  FastTextReader(std::unique_ptr<ByteSource> source, std::string name);

  bool next(Record& record) override;
  std::string where() const override { return lines_.where(); }
  std::string name() const override { return lines_.name(); }

 private:
  void parse(std::string_view line, Record& record);
  std::string_view take_label(std::string_view line, Record& record);

  RecordLines lines_;
  std::string text_;
};

}  // namespace ockham
