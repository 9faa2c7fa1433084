#include "ockham/text/decompress.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "ockham/text/gzip_source.hpp"
#include "ockham/text/zstd_source.hpp"

namespace ockham {
namespace {

/// The bytes that were looked at, then the source they came from.
class PutBackSource final : public ByteSource {
 public:
  PutBackSource(std::string bytes, std::unique_ptr<ByteSource> source)
      : bytes_(std::move(bytes)), source_(std::move(source)) {}

  size_t read(char* target, size_t capacity) override {
    const size_t count = std::min(capacity, bytes_.size() - at_);
    if (count == 0) return source_->read(target, capacity);
    std::memcpy(target, bytes_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::string bytes_;
  size_t at_ = 0;
  std::unique_ptr<ByteSource> source_;
};

class DetectingSource final : public ByteSource {
 public:
  DetectingSource(std::unique_ptr<ByteSource> source, std::string name)
      : source_(std::move(source)), name_(std::move(name)) {}

  size_t read(char* target, size_t capacity) override {
    if (!detected_) detect();
    return source_->read(target, capacity);
  }

 private:
  /// Reads on only while the bytes so far could begin an archive, so that a short first line from a
  /// pipe is handed out at once.
  void detect() {
    std::string head;
    char byte = 0;
    while (may_begin_gzip(head) || may_begin_zstd(head)) {
      if (begins_gzip(head) || begins_zstd(head) || source_->read(&byte, 1) == 0) break;
      head.push_back(byte);
    }
    detected_ = true;
    source_ = std::make_unique<PutBackSource>(head, std::move(source_));
    if (begins_gzip(head)) source_ = gzip_source(std::move(source_), name_);
    if (begins_zstd(head)) source_ = zstd_source(std::move(source_), name_);
  }

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  bool detected_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> decompressed(std::unique_ptr<ByteSource> source, std::string name) {
  return std::make_unique<DetectingSource>(std::move(source), std::move(name));
}

}  // namespace ockham
