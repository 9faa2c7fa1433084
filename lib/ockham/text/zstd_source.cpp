#include "ockham/text/zstd_source.hpp"

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

constexpr std::string_view kFrame = "\x28\xB5\x2F\xFD";
constexpr std::string_view kSkippableTail = "\x2A\x4D\x18";  // behind a byte from 50 to 5F

bool starts_skippable(std::string_view bytes) {
  return (static_cast<unsigned char>(bytes[0]) & 0xF0) == 0x50;
}

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdSource final : public ByteSource {
 public:
  ZstdSource(std::unique_ptr<ByteSource> source, std::string name)
      : source_(std::move(source)),
        name_(std::move(name)),
        context_(ZSTD_createDCtx()),
        block_(ZSTD_DStreamInSize()) {
    if (context_ == nullptr) fail(name_, ": out of memory for zstd");
  }

  size_t read(char* target, size_t capacity) override {
    ZSTD_outBuffer output{target, capacity, 0};
    while (output.pos == 0) {
      // The decoder may hold output back, so a used up input alone says nothing: more of it may be
      // long in coming.
      if (!inside_frame_) {
        if (!find_frame()) return 0;
      } else if (input_.pos == input_.size && !held_back_ && !refill(0)) {
        fail_as_cut_short();
      }
      const size_t state = ZSTD_decompressStream(context_.get(), &output, &input_);
      if (ZSTD_getErrorCode(state) == ZSTD_error_frameParameter_windowTooLarge) {
        fail(name_, ": the zstd data take too much memory; compress the file without --long");
      }
      if (ZSTD_isError(state) != 0) fail_as_damaged(ZSTD_getErrorName(state));
      inside_frame_ = state != 0;
      held_back_ = inside_frame_ && output.pos == output.size;
    }
    return output.pos;
  }

 private:
  /// Reads behind the block's first `kept` bytes.
  bool refill(size_t kept) {
    const size_t count = source_->read(block_.data() + kept, block_.size() - kept);
    input_ = {block_.data(), kept + count, 0};
    return count > 0;
  }

  /// Between frames: false at the data's end. Any other start than begins_zstd() knows is refused
  /// here, for the library takes frames of its versions before 0.8 too, and their decoders give
  /// other results where the data come in other pieces.
  bool find_frame() {
    const size_t left = input_.size - input_.pos;
    std::copy_n(block_.data() + input_.pos, left, block_.data());
    input_ = {block_.data(), left, 0};
    while (input_.size < kFrame.size() && refill(input_.size)) {
    }
    if (input_.size == 0) return false;
    const std::string_view start(block_.data(), input_.size);
    if (begins_zstd(start)) return true;
    if (start.size() < kFrame.size() && may_begin_zstd(start)) fail_as_cut_short();
    fail_as_damaged("Unknown frame");
  }

  [[noreturn]] void fail_as_cut_short() const {
    fail(name_, ": the zstd data are cut short; fetch or compress the file again");
  }

  [[noreturn]] void fail_as_damaged(const char* reason) const {
    fail(name_, ": the zstd data are damaged or followed by something else (", reason,
         "); fetch or compress the file again");
  }

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
  std::vector<char> block_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  bool inside_frame_ = false;
  bool held_back_ = false;  // the last call filled the target and may have had more
};

}  // namespace

bool begins_zstd(std::string_view bytes) {
  return bytes.starts_with(kFrame) || (bytes.size() >= kFrame.size() && starts_skippable(bytes) &&
                                       bytes.substr(1).starts_with(kSkippableTail));
}

bool may_begin_zstd(std::string_view bytes) {
  if (bytes.empty() || kFrame.starts_with(bytes.substr(0, kFrame.size()))) return true;
  return starts_skippable(bytes) &&
         kSkippableTail.starts_with(bytes.substr(1).substr(0, kSkippableTail.size()));
}

std::unique_ptr<ByteSource> zstd_source(std::unique_ptr<ByteSource> source, std::string name) {
  return std::make_unique<ZstdSource>(std::move(source), std::move(name));
}

}  // namespace ockham
