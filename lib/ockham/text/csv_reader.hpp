#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/text/csv_splitter.hpp"
#include "ockham/text/record_reader.hpp"

namespace ockham {

struct CsvOptions {
  char delimiter = ',';  ///< an ASCII character other than a quote and line ends
  bool header = true;    ///< the first row names the columns; otherwise they are 1, 2, ...
};

/// Reads a table in CSV (csv_splitter.hpp says what that is). Every row has as many fields as the
/// first; lines that are empty or hold only spaces are skipped and counted ("" in a table of one
/// column is a row). Where labels are ignored
/// there need be no column of them.
class CsvReader final : public RecordReader {
 public:
  /// `name` stands in messages. Nothing is read yet.
  CsvReader(std::unique_ptr<ByteSource> source, std::string name, RecordColumns columns,
            CsvOptions options = {});

  bool next(Record& record) override;
  std::string where() const override;
  std::string name() const override { return name_; }
  bool gives_weights() const override { return !columns_.weight.empty(); }

 private:
  bool next_row();
  void name_columns();
  size_t column(const std::string& wanted, const char* option) const;
  void parse(Record& record);
  void take_others(Record& record) const;
  [[noreturn]] void fail_without_records() const;

  std::string name_;
  RecordColumns columns_;
  CsvOptions options_;
  CsvSplitter rows_;
  std::vector<std::string_view> fields_;
  std::vector<std::string> header_;
  std::vector<size_t> text_at_;
  size_t label_at_ = 0;
  size_t weight_at_ = 0;
  std::string joined_;
};

}  // namespace ockham
