#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/text/byte_source.hpp"

namespace ockham {

/// Cuts a byte source into rows of CSV as RFC 4180 has it: a field that starts with a quote ends
/// with the next single one and may hold delimiters, line ends and quotes, each doubled; any other
/// quote is itself. Rows end with LF or CR LF; the last one may lack its end. A byte order mark at
/// the start of the source is dropped. Memory: one block, or the longest row if that is longer.
class CsvSplitter {
 public:
  /// `name` stands in messages.
  CsvSplitter(std::unique_ptr<ByteSource> source, std::string name, char delimiter);

  /// Sets `fields` to those of the next row (an empty line is one empty field); they stay valid
  /// until the next call. False at the end. Throws Error, with the line where it began, for a quote
  /// that does not end, and for bytes between a closing quote and the delimiter.
  bool next(std::vector<std::string_view>& fields);

  /// Whether the last row has a quote in it: an empty line has none, an empty field may.
  bool quoted() const { return quoted_; }
  uint64_t line_number() const { return line_number_; }  ///< where the last row starts, from 1
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  struct Extent {
    size_t begin;
    size_t length;
    bool rewritten;  // lies in `rewritten_` because its doubled quotes had to be undone
  };

  // All positions count from the first byte of the row.
  const char* row() const { return buffer_.data() + begin_; }
  size_t unread() const { return end_ - begin_; }
  bool reach(size_t at) { return at < unread() || refill(at); }
  size_t find(char byte, size_t from);
  size_t split_quoted();
  size_t read_quoted(size_t at);
  size_t read_plain(size_t at);
  void skip_byte_order_mark();
  bool refill(size_t at);
  uint64_t line_of(size_t at) const;
  [[noreturn]] void fail_behind_quote(size_t at);
  [[noreturn]] void fail_unclosed(size_t quote) const;

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  char delimiter_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // the unread bytes are buffer_[begin_, end_)
  size_t end_ = 0;
  bool source_ended_ = false;
  bool quoted_ = false;
  uint64_t line_number_ = 0;
  uint64_t next_line_ = 1;
  uint64_t bytes_read_ = 0;
  std::vector<Extent> extents_;
  std::string rewritten_;
  size_t line_end_ = 0;  // where the line of the last plain field ends
};

}  // namespace ockham
