#include "ockham/text/csv_reader.hpp"

#include <algorithm>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/content.hpp"
#include "ockham/text/json_text.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {

CsvReader::CsvReader(std::unique_ptr<ByteSource> source, std::string name, RecordColumns columns,
                     CsvOptions options)
    : name_(std::move(name)),
      columns_(std::move(columns)),
      options_(options),
      rows_(std::move(source), name_, options.delimiter) {}

bool CsvReader::next(Record& record) {
  const bool first = header_.empty();
  bool found = next_row();
  if (found && first) {
    name_columns();
    if (options_.header) found = next_row();
  }
  if (!found) {
    if (statistics_.records == 0 && !labels_ignored()) fail_without_records();
    return false;
  }
  parse(record);
  ++statistics_.records;
  return true;
}

/// Goes on to the next row that is not blank.
bool CsvReader::next_row() {
  while (rows_.next(fields_)) {
    statistics_.bytes = rows_.bytes_read();
    if (fields_.size() > 1 || rows_.quoted() || !is_blank(fields_[0])) return true;
    ++statistics_.blank_lines;
  }
  return false;
}

/// Finds the wanted columns in the first row.
void CsvReader::name_columns() {
  std::string row;
  for (const auto& field : fields_) row.append(field).append(",");
  refuse_utf16(row, where());
  for (size_t i = 0; i < fields_.size(); ++i) {
    header_.push_back(std::to_string(i + 1));
    if (options_.header) statistics_.replaced_sequences += sanitize_utf8(fields_[i], header_[i]);
  }
  if (!labels_ignored()) label_at_ = column(columns_.label, "--label-column");
  for (const std::string& text : columns_.text) text_at_.push_back(column(text, "--text-column"));
  if (!columns_.weight.empty()) weight_at_ = column(columns_.weight, "--weight-column");
  if (!labels_ignored()) refuse_label_as_text(columns_, where());
}

size_t CsvReader::column(const std::string& wanted, const char* option) const {
  const auto found = std::ranges::find(header_, wanted);
  if (found == header_.end()) {
    if (!options_.header) {
      fail(where(), ": there is no column ", quote(wanted), "; without a header they are 1 to ",
           header_.size(), "; name one of them with ", option);
    }
    const bool other_delimiter =
        header_.size() == 1 && header_[0].find_first_of(",;|\t") != std::string::npos;
    fail(where(), ": the header has no column ", quote(wanted), ", only ", quote_list(header_),
         did_you_mean(wanted, header_), " (", option, " names one; ",
         other_delimiter ? "--delimiter says what parts them)"
                         : "--no-header if the first row is a record)");
  }
  if (std::find(found + 1, header_.end(), wanted) != header_.end()) {
    fail(where(), ": the header has two columns ", quote(wanted), "; rename one");
  }
  return static_cast<size_t>(found - header_.begin());
}

void CsvReader::parse(Record& record) {
  if (fields_.size() != header_.size()) {
    fail(where(), ": found ", fields_.size(), fields_.size() == 1 ? " field" : " fields",
         ", expected ", header_.size(), " as in the first row; ",
         "put quotes around a field that holds the delimiter or a line end");
  }
  record.labels.clear();
  record.line = rows_.line_number();
  if (!labels_ignored()) add_labels(fields_[label_at_], record);
  record.weight = columns_.weight.empty() ? 1.0f : parse_weight(fields_[weight_at_], where());
  if (others_kept()) take_others(record);
  if (text_at_.size() == 1) {
    set_text(fields_[text_at_[0]], record);
    return;
  }
  joined_.clear();
  for (const size_t& at : text_at_)
    joined_.append(&at == text_at_.data() ? "" : " ").append(fields_[at]);
  set_text(joined_, record);
}

void CsvReader::take_others(Record& record) const {
  record.others.clear();
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (std::ranges::count(text_at_, i) + std::ranges::count(not_kept(), header_[i]) > 0) continue;
    if (!record.others.empty()) record.others.push_back(',');
    record.others.append(json_string(header_[i])).append(":").append(json_string(fields_[i]));
  }
}

void CsvReader::fail_without_records() const {
  const char* what = rows_.line_number() == 0 ? ": is empty"
                     : header_.empty()        ? ": holds only blank lines"
                                              : ": holds a header and no records";
  fail(name_, what, "; expected rows of CSV", options_.header ? " under a header" : "");
}

std::string CsvReader::where() const {
  return name_ + ":" + std::to_string(rows_.line_number());
}

}  // namespace ockham
