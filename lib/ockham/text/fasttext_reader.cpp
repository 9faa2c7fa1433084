#include "ockham/text/fasttext_reader.hpp"

#include <algorithm>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/content.hpp"
#include "ockham/text/quote.hpp"

namespace ockham {
namespace {

constexpr std::string_view kPrefix = "__label__";
constexpr std::string_view kSpaces{" \t\v\f\r\0", 6};
constexpr const char* kExpected = "expected \"__label__NAME text\"";

}  // namespace

FastTextReader::FastTextReader(std::unique_ptr<ByteSource> source, std::string name)
    : lines_(std::move(source), std::move(name)) {}

bool FastTextReader::next(Record& record) {
  std::string_view line;
  while (lines_.next(line)) {
    statistics_.bytes = lines_.bytes_read();
    if (is_blank(line, kSpaces)) {
      if (take_blank_line(lines_.line_number(), record)) return true;
      continue;
    }
    parse(line, record);
    ++statistics_.records;
    return true;
  }
  if (statistics_.records == 0 && !labels_ignored()) {
    fail(lines_.name(), lines_.line_number() == 0 ? ": is empty; " : ": holds only blank lines; ",
         "expected lines of \"__label__NAME text\"");
  }
  return false;
}

void FastTextReader::parse(std::string_view line, Record& record) {
  if (lines_.line_number() == 1) refuse_utf16(line, where());
  record.labels.clear();
  record.weight = 1;
  record.line = lines_.line_number();
  for (std::string_view rest = line;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(kSpaces), rest.size()));
    if (!rest.starts_with(kPrefix)) break;
    rest = line = take_label(rest, record);
  }
  // Labels further on leave the text, for they would give its class away.
  text_.clear();
  size_t begin = 0;  // what starts here is not in `text_` yet
  for (size_t at = line.find(kPrefix); at != std::string_view::npos; at = line.find(kPrefix, at)) {
    if (at > 0 && kSpaces.find(line[at - 1]) == std::string_view::npos) {
      ++at;
      continue;
    }
    text_.append(line.substr(begin, at - begin));
    begin = at = line.size() - take_label(line.substr(at), record).size();
  }
  if (record.labels.empty() && !takes_several_labels() && !labels_ignored()) {
    fail(where(), ": ", kExpected, ", found no word that starts with __label__ in ", quote(line),
         "; put a label in front or remove the line");
  }
  set_text(begin == 0 ? line : text_.append(line.substr(begin)), record);
}

/// Takes the label at the start of `line` and returns what follows the space behind it.
std::string_view FastTextReader::take_label(std::string_view line, Record& record) {
  const size_t end = std::min(line.find_first_of(kSpaces), line.size());
  const std::string_view label = line.substr(0, end);
  const std::string_view rest = line.substr(std::min(end + 1, line.size()));
  if (label == kPrefix) {
    if (labels_ignored()) return rest;
    fail(where(), ": ", kExpected, ", found __label__ without a name; ",
         "write the name right behind it or remove it");
  }
  add_label(label.substr(kPrefix.size()), record);
  return rest;
}

}  // namespace ockham
