#include "ockham/text/line_reader.hpp"

#include <utility>

#include "ockham/text/content.hpp"

namespace ockham {

LineReader::LineReader(std::unique_ptr<ByteSource> source, std::string name)
    : lines_(std::move(source), std::move(name)) {
  ignore_labels();
}

bool LineReader::next(Record& record) {
  std::string_view line;
  if (!lines_.next(line)) return false;
  if (lines_.line_number() == 1) refuse_utf16(line, where());
  record.labels.clear();
  record.weight = 1;
  record.line = lines_.line_number();
  set_text(line, record);
  statistics_.bytes = lines_.bytes_read();
  ++statistics_.records;
  return true;
}

}  // namespace ockham
