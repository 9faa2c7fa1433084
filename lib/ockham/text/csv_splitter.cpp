#include "ockham/text/csv_splitter.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/text/record_reader.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

constexpr size_t kCsvBlockBytes = size_t{1} << 18;
constexpr size_t kNone = std::string_view::npos;

std::string shown(char delimiter) {
  return delimiter == '\t' ? "a tab" : quote({&delimiter, 1});
}

/// A row without quotes, cut at its delimiters.
void split_plain(std::string_view line, char delimiter, std::vector<std::string_view>& fields) {
  for (size_t at = line.find(delimiter); at != kNone; at = line.find(delimiter)) {
    fields.push_back(line.substr(0, at));
    line.remove_prefix(at + 1);
  }
  fields.push_back(line);
}

}  // namespace

CsvSplitter::CsvSplitter(std::unique_ptr<ByteSource> source, std::string name, char delimiter)
    : source_(std::move(source)), name_(std::move(name)), delimiter_(delimiter) {}

bool CsvSplitter::next(std::vector<std::string_view>& fields) {
  fields.clear();
  if (line_number_ == 0) skip_byte_order_mark();
  const size_t end = find('\n', 0);
  const size_t size = end == kNone ? unread() : end;
  if (end == kNone && size == 0) return false;
  line_number_ = next_line_;
  quoted_ = std::memchr(row(), '"', size) != nullptr;
  if (!quoted_) {
    std::string_view line(row(), size);
    if (line.ends_with('\r')) line.remove_suffix(1);
    split_plain(line, delimiter_, fields);
    begin_ += size + (end != kNone ? 1 : 0);
    ++next_line_;
    return true;
  }
  line_end_ = size;
  const size_t consumed = split_quoted();
  for (const Extent& extent : extents_) {
    const char* bytes = extent.rewritten ? rewritten_.data() : row();
    fields.emplace_back(bytes + extent.begin, extent.length);
  }
  next_line_ = line_of(consumed);
  begin_ += consumed;
  return true;
}

/// Fills `extents_` with the fields of the row and returns how many bytes it takes with its end.
size_t CsvSplitter::split_quoted() {
  extents_.clear();
  rewritten_.clear();
  for (size_t at = 0;; ++at) {
    at = reach(at) && row()[at] == '"' ? read_quoted(at) : read_plain(at);
    if (!reach(at)) return at;
    if (row()[at] == '\n') return at + 1;
  }
}

/// Reads the field whose opening quote is at `quote`; returns where its delimiter or line end is.
size_t CsvSplitter::read_quoted(size_t quote) {
  size_t piece = quote + 1;  // what starts here is not in `rewritten_` yet
  const size_t rewritten_begin = rewritten_.size();
  bool doubled = false;
  size_t close = piece;
  for (;; close += 2) {
    close = find('"', close);
    if (close == kNone) fail_unclosed(quote);
    if (!reach(close + 1) || row()[close + 1] != '"') break;
    rewritten_.append(row() + piece, close + 1 - piece);
    piece = close + 2;
    doubled = true;
  }
  if (doubled) {
    rewritten_.append(row() + piece, close - piece);
    extents_.push_back({rewritten_begin, rewritten_.size() - rewritten_begin, true});
  } else {
    extents_.push_back({piece, close - piece, false});
  }
  size_t at = close + 1;
  if (reach(at) && row()[at] == '\r' && (!reach(at + 1) || row()[at + 1] == '\n')) ++at;
  if (reach(at) && row()[at] != delimiter_ && row()[at] != '\n') fail_behind_quote(at);
  return at;
}

/// Reads a field without quotes around it; returns where its delimiter or line end is.
size_t CsvSplitter::read_plain(size_t at) {
  if (line_end_ < at) {
    const size_t found = find('\n', at);
    line_end_ = found == kNone ? unread() : found;
  }
  const std::string_view rest(row() + at, line_end_ - at);
  const size_t end = rest.find(delimiter_);
  std::string_view field = rest.substr(0, end);
  if (end == kNone && field.ends_with('\r')) field.remove_suffix(1);
  extents_.push_back({at, field.size(), false});
  return end == kNone ? line_end_ : at + end;
}

/// The first place of a byte at or after `from`, or kNone; then the whole source has been read.
size_t CsvSplitter::find(char byte, size_t from) {
  for (size_t searched = from;;) {
    if (searched < unread()) {
      const void* found = std::memchr(row() + searched, byte, unread() - searched);
      if (found != nullptr) return static_cast<size_t>(static_cast<const char*>(found) - row());
      searched = unread();
    }
    if (!refill(searched)) return kNone;
  }
}

/// Reads on only while the bytes so far could begin a mark.
void CsvSplitter::skip_byte_order_mark() {
  const auto start = [&] { return std::string_view(row(), unread()); };
  while (start().size() < kByteOrderMark.size() && kByteOrderMark.starts_with(start())) {
    if (!refill(start().size())) return;
  }
  if (start().starts_with(kByteOrderMark)) begin_ += kByteOrderMark.size();
}

/// Moves the row to the front and reads on until byte `at` of it is there; false at the end of the
/// source.
bool CsvSplitter::refill(size_t at) {
  while (at >= unread()) {
    if (source_ended_) return false;
    if (unread() > kMaxRecordBytes) {
      fail(name_, ":", next_line_, ": a row of more than ", kMaxRecordBytes >> 20,
           " MiB; a quote that does not end is the likely reason; correct or split the row");
    }
    if (begin_ > 0) std::memmove(buffer_.data(), row(), unread());
    end_ -= begin_;
    begin_ = 0;
    if (buffer_.size() < kCsvBlockBytes) buffer_.resize(kCsvBlockBytes);
    if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
    const size_t count = source_->read(buffer_.data() + end_, buffer_.size() - end_);
    source_ended_ = count == 0;
    end_ += count;
    bytes_read_ += count;
  }
  return true;
}

uint64_t CsvSplitter::line_of(size_t at) const {
  return line_number_ + static_cast<uint64_t>(std::count(row(), row() + at, '\n'));
}

void CsvSplitter::fail_behind_quote(size_t at) {
  constexpr size_t kShown = 20;
  reach(at + kShown);
  const std::string_view rest(row() + at, std::min(unread() - at, kShown));
  fail(name_, ":", line_of(at), ": expected ", shown(delimiter_),
       " or the end of the line after a closing quote, found ",
       ockham::quote(rest.substr(0, rest.find_first_of("\r\n", 1))),
       "; double the quotes inside a quoted field");
}

void CsvSplitter::fail_unclosed(size_t quote) const {
  fail(name_, ":", line_of(quote), ": the quote that opens here does not end: ",
       ockham::quote({row() + quote, std::min<size_t>(unread() - quote, 60)}),
       "; close it, and double the quotes inside a quoted field");
}

}  // namespace ockham
