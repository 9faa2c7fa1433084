#include "ockham/text/tsv_reader.hpp"

#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

/// White space without a tab: a tab would make it a record, though one with an empty label.
bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \r\v\f") == std::string_view::npos;
}

bool starts_as_utf16(std::string_view line) {
  return line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF");
}

}  // namespace

TsvReader::TsvReader(const std::string& path)
    : TsvReader(open_byte_source(path), display_name(path)) {}

TsvReader::TsvReader(std::istream& stream, std::string name)
    : TsvReader(stream_byte_source(stream, name), name) {}

TsvReader::TsvReader(std::unique_ptr<ByteSource> source, std::string name)
    : name_(std::move(name)), lines_(std::move(source)) {}

bool TsvReader::next(Record& record) {
  std::string_view line;
  while (lines_.next(line)) {
    statistics_.bytes = lines_.bytes_read();
    if (is_blank(line)) {
      ++statistics_.blank_lines;
      continue;
    }
    parse(line, record);
    ++statistics_.records;
    return true;
  }
  if (statistics_.records == 0) fail_without_records();
  return false;
}

void TsvReader::parse(std::string_view line, Record& record) {
  if (lines_.line_number() == 1 && starts_as_utf16(line)) {
    fail(where(), ": the file is UTF-16; expected UTF-8; convert it, e.g. with iconv -f UTF-16");
  }
  const size_t tab = line.find('\t');
  if (tab == std::string_view::npos) {
    fail(where(), ": expected \"label<TAB>text\", found no tab in ", quote(line),
         "; put a tab after the label or remove the line");
  }
  if (tab == 0) {
    fail(where(), ": expected \"label<TAB>text\", found an empty label; ",
         "write a label before the tab or remove the line");
  }
  record.labels.resize(1);
  record.weight = 1;
  record.line = lines_.line_number();
  statistics_.replaced_sequences += sanitize_utf8(line.substr(0, tab), record.labels[0]);
  statistics_.replaced_sequences += sanitize_utf8(line.substr(tab + 1), record.text);
}

void TsvReader::fail_without_records() const {
  const char* what = lines_.line_number() == 0 ? ": is empty" : ": holds only blank lines";
  fail(name_, what, "; expected lines of \"label<TAB>text\"");
}

std::string TsvReader::where() const {
  return name_ + ":" + std::to_string(lines_.line_number());
}

}  // namespace ockham
