#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/text/byte_source.hpp"

namespace ockham {

/// Cuts a byte source into lines, reading it in big blocks. A line ends with LF or CR LF; the last
/// one may lack its end. A byte order mark at the start of the source is dropped. Memory: one
/// block, or the longest line if that is longer.
class LineSplitter {
 public:
  explicit LineSplitter(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  /// Sets `line` to the next line without its end; it stays valid until the next call. False at the
  /// end of the source.
  bool next(std::string_view& line);

  uint64_t line_number() const { return line_number_; }  ///< of the last line, from 1
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  void skip_byte_order_mark();
  bool refill();

  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // the unread bytes are buffer_[begin_, end_)
  size_t end_ = 0;
  bool source_ended_ = false;
  uint64_t line_number_ = 0;
  uint64_t bytes_read_ = 0;
};

}  // namespace ockham
