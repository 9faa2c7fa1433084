#include "ockham/text/record_reader.hpp"

#include <algorithm>

#include "ockham/tensor/error.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {

void RecordReader::add_label(std::string_view bytes, Record& record) {
  if (labels_ignored_) return;
  std::string& label = record.labels.emplace_back();
  statistics_.replaced_sequences += sanitize_utf8(bytes, label);
  if (label.empty()) fail(where(), ": the label is empty; give the text a label or remove it");
  if (label.find_first_of("\t\r\n") != std::string::npos) {
    fail(where(), ": the label ", quote(label), " has a tab or a line break in it; rename it");
  }
}

void RecordReader::add_labels(std::string_view field, Record& record) {
  if (!takes_several_labels()) {
    add_label(field, record);
    return;
  }
  const auto trimmed = [](std::string_view label) {
    const size_t first = std::min(label.find_first_not_of(' '), label.size());
    label.remove_prefix(first);
    return label.substr(0, label.find_last_not_of(' ') + 1);
  };
  if (trimmed(field).empty()) return;
  for (size_t end = 0; end != std::string_view::npos;) {
    end = field.find(label_separator_);
    add_label(trimmed(field.substr(0, end)), record);
    field.remove_prefix(end == std::string_view::npos ? field.size() : end + 1);
  }
}

bool RecordReader::take_blank_line(uint64_t line, Record& record) {
  if (!blank_lines_taken_) {
    ++statistics_.blank_lines;
    return false;
  }
  record = Record();
  record.line = line;
  ++statistics_.records;
  return true;
}

void RecordReader::set_text(std::string_view bytes, Record& record) {
  statistics_.replaced_sequences += sanitize_utf8(bytes, record.text);
}

}  // namespace ockham
