#include "ockham/text/line_splitter.hpp"

#include <cstring>

#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {
constexpr size_t kLineBlockBytes = size_t{1} << 18;
}

bool LineSplitter::next(std::string_view& line) {
  if (line_number_ == 0) skip_byte_order_mark();
  size_t searched = 0;
  const char* line_end = nullptr;
  bool too_long = false;
  for (;;) {
    const size_t unread = end_ - begin_;
    if (unread > searched) {
      const void* found = std::memchr(buffer_.data() + begin_ + searched, '\n', unread - searched);
      line_end = static_cast<const char*>(found);
    }
    too_long = line_end == nullptr && unread > most_bytes_;
    if (line_end != nullptr || too_long) break;
    searched = unread;
    if (!refill()) break;
  }
  // The end of the source ends a line only if there is one, or one has begun.
  if (line_end == nullptr && begin_ == end_ && line_ended_) return false;
  const char* line_begin = buffer_.data() + begin_;
  const char* stop = line_end != nullptr ? line_end : buffer_.data() + end_;
  line = {line_begin, static_cast<size_t>(stop - line_begin)};
  // The CR of a part may belong to the line's end: the next part begins with it.
  const bool ends_with_cr = line.ends_with('\r');
  if (ends_with_cr) line.remove_suffix(1);
  begin_ += line.size() + (line_end != nullptr ? 1 : 0) + (ends_with_cr && !too_long ? 1 : 0);
  if (line_ended_) ++line_number_;
  line_ended_ = !too_long;
  return true;
}

/// Reads on only while the bytes so far could begin a mark, so that a short first line from a pipe
/// is handed out at once.
void LineSplitter::skip_byte_order_mark() {
  const auto unread = [&] { return std::string_view(buffer_.data() + begin_, end_ - begin_); };
  while (unread().size() < kByteOrderMark.size() && kByteOrderMark.starts_with(unread())) {
    if (!refill()) return;
  }
  if (unread().starts_with(kByteOrderMark)) begin_ += kByteOrderMark.size();
}

/// Moves the unread bytes to the front and reads at least one more; false at the end of the source.
bool LineSplitter::refill() {
  if (source_ended_) return false;
  if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (buffer_.size() < kLineBlockBytes) buffer_.resize(kLineBlockBytes);
  if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  const size_t count = source_->read(buffer_.data() + end_, buffer_.size() - end_);
  source_ended_ = count == 0;
  end_ += count;
  bytes_read_ += count;
  return count > 0;
}

}  // namespace ockham
