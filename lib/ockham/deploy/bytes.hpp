#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ockham/tensor/error.hpp"

namespace ockham {

/// Throws Error for a file that is not what its writer wrote.
template <typename... Parts>
[[noreturn]] void fail_damaged(const std::string& source, const Parts&... parts) {
  fail(source, ": is damaged: ", parts..., "; copy it again");
}

/// Appends numbers to a byte string, little-endian.
class ByteWriter {
 public:
  void u8(uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void u32(uint32_t value);
  void f32(float value);
  void f64(double value);
  /// LEB128: seven bits a byte, lowest first, the top bit set on all bytes but the last.
  void varint(uint64_t value);
  /// The length as a varint, then the bytes.
  void string(std::string_view bytes);
  void append(std::string_view bytes) { bytes_.append(bytes); }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what ByteWriter wrote. Every call throws Error, beginning with the source's name, instead
/// of reading past the end.
class ByteReader {
 public:
  /// `source` (the file's name, for messages) must outlive the reader.
  ByteReader(std::string_view bytes, const std::string& source) : left_(bytes), source_(source) {}

  uint8_t u8();
  uint32_t u32();
  float f32();
  double f64();
  /// `what` stands in the message when the number is over `largest`.
  uint64_t varint(uint64_t largest, const char* what);
  std::string_view string(size_t longest, const char* what);
  std::string_view take(size_t count);

  size_t left() const { return left_.size(); }
  const std::string& source() const { return source_; }

 private:
  std::string_view left_;
  const std::string& source_;
};

/// Hands `value` back, or refuses what only newer versions know: `count` and more.
uint64_t known(uint64_t value, uint64_t count, const char* what, const ByteReader& reader);

}  // namespace ockham
