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
/// block, or the longest line if that is longer, or twice `most_bytes` if that is shorter.
class LineSplitter {
 public:
  /// A line of more than about `most_bytes` comes in parts.
  explicit LineSplitter(std::unique_ptr<ByteSource> source, size_t most_bytes = SIZE_MAX)
      : source_(std::move(source)), most_bytes_(most_bytes) {}

  /// Sets `line` to the next line without its end, or a part of it; it stays valid until the next
  /// call. False at the end of the source.
  bool next(std::string_view& line);

  /// False if more parts of the last line follow.
  bool line_ended() const { return line_ended_; }

  uint64_t line_number() const { return line_number_; }  ///< of the last line, from 1
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  void skip_byte_order_mark();
  bool refill();

  std::unique_ptr<ByteSource> source_;
  size_t most_bytes_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // the unread bytes are buffer_[begin_, end_)
  size_t end_ = 0;
  bool source_ended_ = false;
  bool line_ended_ = true;
  uint64_t line_number_ = 0;
  uint64_t bytes_read_ = 0;
};

}  // namespace ockham
