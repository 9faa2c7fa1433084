#include "ockham/text/jsonl_reader.hpp"

#include <algorithm>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/content.hpp"
#include "ockham/text/json_text.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

using Kind = JsonField::Kind;

std::vector<std::string> wanted_fields(const RecordColumns& columns) {
  std::vector<std::string> names{columns.label};
  names.insert(names.end(), columns.text.begin(), columns.text.end());
  if (!columns.weight.empty()) names.push_back(columns.weight);
  return names;
}

}  // namespace

JsonlReader::JsonlReader(std::unique_ptr<ByteSource> source, std::string name,
                         RecordColumns columns)
    : columns_(std::move(columns)),
      lines_(std::move(source), std::move(name)),
      fields_(wanted_fields(columns_)) {}

bool JsonlReader::next(Record& record) {
  if (lines_.line_number() == 0 && !labels_ignored()) refuse_label_as_text(columns_, lines_.name());
  std::string_view line;
  while (lines_.next(line)) {
    statistics_.bytes = lines_.bytes_read();
    if (is_blank(line)) {
      if (take_blank_line(lines_.line_number(), record)) return true;
      continue;
    }
    parse(line, record);
    ++statistics_.records;
    return true;
  }
  if (statistics_.records == 0 && !labels_ignored()) {
    fail(lines_.name(), lines_.line_number() == 0 ? ": is empty; " : ": holds only blank lines; ",
         "expected a JSON object a line");
  }
  return false;
}

void JsonlReader::parse(std::string_view line, Record& record) {
  if (lines_.line_number() == 1) refuse_utf16(line, where());
  // Where files were joined.
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  statistics_.replaced_sequences += sanitize_utf8(line, line_);
  if (!fields_.read(line_)) fail_malformed();
  record.line = lines_.line_number();
  record.labels.clear();
  if (!labels_ignored()) take_labels(fields_.fields().front(), record);
  take_text(record);
  record.others.clear();
  if (others_kept()) append_json_members(line_, members_left_out(), record.others);
  record.weight = 1;
  if (columns_.weight.empty()) return;
  const JsonField& weight = fields_.fields().back();
  if (weight.kind == Kind::missing) fail_missing(columns_.weight, "--weight-column");
  if (weight.kind != Kind::number) {
    fail(where(), ": ", quote(columns_.weight), " is ", kind_name(weight.kind),
         "; expected a finite number above 0");
  }
  record.weight = parse_weight(weight.text, where());
}

void JsonlReader::take_labels(const JsonField& field, Record& record) {
  if (field.kind == Kind::missing) fail_missing(columns_.label, "--label-column");
  const bool array = field.kind == Kind::array;
  if (field.kind == Kind::null || field.kind == Kind::object || (array && !field.plain_items)) {
    fail(where(), ": ", quote(columns_.label), " is ",
         array ? "an array with something else than labels" : kind_name(field.kind),
         "; expected a string, a number, a boolean or an array of them");
  }
  if (first_labelled_ == 0) {
    first_labelled_ = lines_.line_number();
    arrays_ = array;
  } else if (array != arrays_) {
    fail(where(), ": ", quote(columns_.label), array ? " is an array" : " is one label",
         " here and ", arrays_ ? "an array" : "one label", " in line ", first_labelled_,
         "; write one or the other throughout");
  }
  if (!array) add_label(field.text, record);
  for (size_t i = 0; array && i < field.items.size(); ++i) add_label(field.items[i], record);
}

void JsonlReader::take_text(Record& record) {
  joined_.clear();
  for (size_t i = 0; i < columns_.text.size(); ++i) {
    const JsonField& field = fields_.fields()[1 + i];
    if (field.kind == Kind::missing) fail_missing(columns_.text[i], "--text-column");
    if (field.kind != Kind::string) {
      fail(where(), ": ", quote(columns_.text[i]), " is ", kind_name(field.kind),
           "; expected a string; write the text in quotes or remove the line");
    }
    if (columns_.text.size() == 1) return set_text(field.text, record);
    joined_.append(i == 0 ? "" : " ").append(field.text);
  }
  set_text(joined_, record);
}

/// What is no field beside the texts'.
std::vector<std::string> JsonlReader::members_left_out() const {
  std::vector<std::string> names = not_kept();
  names.insert(names.end(), columns_.text.begin(), columns_.text.end());
  return names;
}

void JsonlReader::fail_missing(const std::string& column, const char* option) const {
  const std::vector<std::string> paths = json_paths(line_);
  fail(where(), ": the object has no ", quote(column), ", ",
       paths.empty() ? "no key at all" : "only " + quote_list(paths), did_you_mean(column, paths),
       " (", option, " names a key, or a path such as data.text)");
}

void JsonlReader::fail_malformed() const {
  const JsonFault& fault = fields_.fault();
  const bool list = line_.find_first_not_of(" \t") == line_.find('[');
  if (list) {
    fail(where(), ": starts with [; expected JSON Lines, an object a line; ",
         "turn an array into them with: jq -c '.[]'");
  }
  const std::string_view before = std::string_view(line_).substr(0, fault.bytes);
  const auto characters = std::ranges::count_if(before, [](char c) { return (c & 0xC0) != 0x80; });
  const auto column = std::max<ptrdiff_t>(1, characters);
  if (!fault.large_number.empty()) {
    fail(where(), ":", column, ": the number ", quote(fault.large_number),
         " is beyond the range of doubles; write it as a string");
  }
  fail(where(), ":", column, ": no JSON object: ", fault.what,
       "; each object must be whole and alone in its line");
}

}  // namespace ockham
