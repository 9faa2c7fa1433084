#include "ockham/text/tsv_reader.hpp"

#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/content.hpp"
#include "ockham/text/quote.hpp"

namespace ockham {
TsvReader::TsvReader(std::istream& stream, std::string name)
    : TsvReader(stream_byte_source(stream, name), name) {}

TsvReader::TsvReader(std::unique_ptr<ByteSource> source, std::string name)
    : lines_(std::move(source), std::move(name)) {}

bool TsvReader::next(Record& record) {
  std::string_view line;
  while (lines_.next(line)) {
    statistics_.bytes = lines_.bytes_read();
    if (is_blank(line, " \r\v\f")) {  // a tab makes it a record with an empty label
      if (take_blank_line(lines_.line_number(), record)) return true;
      continue;
    }
    parse(line, record);
    ++statistics_.records;
    return true;
  }
  if (statistics_.records == 0 && !labels_ignored()) fail_without_records();
  return false;
}

void TsvReader::parse(std::string_view line, Record& record) {
  if (lines_.line_number() == 1) refuse_utf16(line, where());
  const size_t tab = line.find('\t');
  if (tab == std::string_view::npos) {
    fail(where(), ": expected \"", expected_, "\", found no tab in ", quote(line), hint(line));
  }
  if (tab == 0 && !takes_several_labels() && !labels_ignored()) {
    fail(where(), ": expected \"", expected_, "\", found an empty label; ",
         "write a label before the tab, remove the line or, where texts may have none, train with "
         "--multi-label");
  }
  record.labels.clear();
  record.weight = 1;
  record.line = lines_.line_number();
  add_labels(line.substr(0, tab), record);
  set_text(line.substr(tab + 1), record);
}

/// What a line of another format may need, told by how it starts, or by the commas of a header.
const char* TsvReader::hint(std::string_view line) const {
  constexpr const char* kMend = "; put a tab after the label or remove the line";
  if (!other_formats_) return kMend;
  if (line.starts_with("__label__")) return "; for fastText's format, give --format fasttext";
  if (line.starts_with('{')) return "; for JSON Lines, give --format jsonl";
  const bool header = lines_.line_number() == 1 && line.find(',') != std::string_view::npos;
  return header ? "; for CSV, give --format csv; else put a tab after the label" : kMend;
}

void TsvReader::fail_without_records() const {
  const char* what = lines_.line_number() == 0 ? ": is empty" : ": holds only blank lines";
  fail(lines_.name(), what, "; expected lines of \"", expected_, "\"");
}

}  // namespace ockham
