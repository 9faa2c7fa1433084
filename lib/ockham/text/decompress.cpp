#include "ockham/text/decompress.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/gzip_source.hpp"
#include "ockham/text/zstd_source.hpp"

namespace ockham {
namespace {

/// Files that no text begins like.
struct ForeignFormat {
  std::string_view begins;  // ? stands for any byte
  std::string_view what, advice;
};

using namespace std::string_view_literals;

constexpr std::string_view kUnpack = "unpack it first; gzip and zstd are read as they are";
constexpr std::array<ForeignFormat, 7> kForeignFormats{
    {{"\xFD"
      "7zXZ\0"sv,
      "an xz archive", kUnpack},
     {"BZh?1AY&SY"sv, "a bzip2 archive", kUnpack},
     {"PK\3\4"sv, "a zip archive", kUnpack},
     {"7z\xBC\xAF'\x1C"sv, "a 7z archive", kUnpack},
     {"PAR1\x15"sv, "a Parquet file", "write its columns as CSV or JSON Lines"},
     {"%PDF-"sv, "a PDF", "take its text out first"},
     {"OCKHAM\1"sv, "a model, no text", "it goes to --model"}}};

/// Whether `head` is as `format` begins, as far as both go.
bool agrees(const ForeignFormat& format, std::string_view head) {
  const size_t length = std::min(head.size(), format.begins.size());
  return std::equal(head.begin(), head.begin() + static_cast<ptrdiff_t>(length),
                    format.begins.begin(), [](char a, char b) { return b == '?' || a == b; });
}

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
    while (may_begin_gzip(head) || may_begin_zstd(head) || may_be_foreign(head)) {
      if (begins_gzip(head) || begins_zstd(head)) break;
      if (source_->read(&byte, 1) == 0) {
        if (head.starts_with("\x1F\x8B"))
          fail(name_, ": the gzip data are cut short; fetch or compress the file again");
        break;
      }
      head.push_back(byte);
    }
    detected_ = true;
    source_ = std::make_unique<PutBackSource>(head, std::move(source_));
    if (begins_gzip(head)) source_ = gzip_source(std::move(source_), name_);
    if (begins_zstd(head)) source_ = zstd_source(std::move(source_), name_);
  }

  /// Whether more bytes may tell. Throws Error where it is told.
  bool may_be_foreign(std::string_view head) const {
    bool may_be = false;
    for (const ForeignFormat& format : kForeignFormats) {
      if (!agrees(format, head)) continue;
      if (head.size() >= format.begins.size()) {
        fail(name_, ": is ", format.what, "; ", format.advice);
      }
      may_be = true;
    }
    return may_be;
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
