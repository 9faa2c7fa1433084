#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ockham/text/byte_source.hpp"
#include "ockham/text/json_fields.hpp"
#include "ockham/text/record_lines.hpp"
#include "ockham/text/record_reader.hpp"

namespace ockham {

/// Reads JSON Lines: an object a line. A column is a key, or a path of keys with dots between them.
/// The text is a string; the label a string, number or boolean, or throughout the file an array of
/// those, which may be empty; the weight a number. Lines that are empty or hold only white space
/// are skipped and counted. Where labels are ignored no object needs one.
class JsonlReader final : public RecordReader {
 public:
  /// `name` stands in messages.
  JsonlReader(std::unique_ptr<ByteSource> source, std::string name, RecordColumns columns);

  bool next(Record& record) override;
  std::string where() const override { return lines_.where(); }
  std::string name() const override { return lines_.name(); }
  bool gives_weights() const override { return !columns_.weight.empty(); }

 private:
  void parse(std::string_view line, Record& record);
  void take_labels(const JsonField& field, Record& record);
  void take_text(Record& record);
  std::vector<std::string> members_left_out() const;
  [[noreturn]] void fail_missing(const std::string& column, const char* option) const;
  [[noreturn]] void fail_malformed() const;

  RecordColumns columns_;
  RecordLines lines_;
  JsonFields fields_;  // of the label, the texts, then the weight if there is one
  std::string line_;   // the last one, as valid UTF-8
  std::string joined_;
  bool arrays_ = false;          // the labels are arrays
  uint64_t first_labelled_ = 0;  // the line that says so; 0: none yet
};

}  // namespace ockham
