#include "ockham/text/gzip_source.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

constexpr std::string_view kMagic = "\x1F\x8B\x08";
constexpr size_t kGzipBlockBytes = size_t{1} << 16;
constexpr int kWindowBits = 15 + 16;  // the largest window; 16: with gzip's header and checksum

class GzipSource final : public ByteSource {
 public:
  GzipSource(std::unique_ptr<ByteSource> source, std::string name)
      : source_(std::move(source)), name_(std::move(name)), input_(kGzipBlockBytes) {
    if (inflateInit2(&stream_, kWindowBits) != Z_OK) fail(name_, ": out of memory for gzip");
  }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;
  ~GzipSource() override { inflateEnd(&stream_); }

  size_t read(char* target, size_t capacity) override {
    const auto room =
        static_cast<uInt>(std::min<size_t>(capacity, std::numeric_limits<uInt>::max()));
    stream_.next_out = reinterpret_cast<Bytef*>(target);
    stream_.avail_out = room;
    while (stream_.avail_out == room) {
      if (between_members_ && !start_member()) return 0;
      if (stream_.avail_in == 0 && !refill()) {
        fail(name_, ": the gzip data are cut short; fetch or compress the file again");
      }
      const int state = inflate(&stream_, Z_NO_FLUSH);
      between_members_ = state == Z_STREAM_END;
      if (state != Z_STREAM_END && state != Z_OK && state != Z_BUF_ERROR) fail_damaged();
    }
    return room - stream_.avail_out;
  }

 private:
  /// False at the end of the file.
  bool start_member() {
    do {
      if (stream_.avail_in == 0 && !refill()) return false;
      if (*stream_.next_in != 0) break;
      ++stream_.next_in;
      --stream_.avail_in;
    } while (true);
    if (*stream_.next_in != static_cast<Bytef>(kMagic[0])) {
      fail(name_, ": something else follows the gzip data; compress the file again");
    }
    inflateReset(&stream_);
    between_members_ = false;
    return true;
  }

  bool refill() {
    const size_t count = source_->read(input_.data(), input_.size());
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(count);
    return count > 0;
  }

  [[noreturn]] void fail_damaged() const {
    fail(name_, ": the gzip data are damaged (",
         stream_.msg != nullptr ? stream_.msg : "unreadable",
         "); fetch or compress the file again");
  }

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  std::vector<char> input_;
  z_stream stream_{};
  bool between_members_ = false;
};

}  // namespace

bool begins_gzip(std::string_view bytes) {
  return bytes.starts_with(kMagic);
}

bool may_begin_gzip(std::string_view bytes) {
  return kMagic.starts_with(bytes.substr(0, kMagic.size()));
}

std::unique_ptr<ByteSource> gzip_source(std::unique_ptr<ByteSource> source, std::string name) {
  return std::make_unique<GzipSource>(std::move(source), std::move(name));
}

}  // namespace ockham
