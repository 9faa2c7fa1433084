#include "ockham/deploy/bytes.hpp"

#include <bit>

#include "ockham/tensor/error.hpp"

namespace ockham {

void ByteWriter::u32(uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) u8(static_cast<uint8_t>(value >> shift));
}

void ByteWriter::f32(float value) {
  u32(std::bit_cast<uint32_t>(value));
}

void ByteWriter::f64(double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  u32(static_cast<uint32_t>(bits));
  u32(static_cast<uint32_t>(bits >> 32));
}

void ByteWriter::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) u8(static_cast<uint8_t>(value | 0x80));
  u8(static_cast<uint8_t>(value));
}

void ByteWriter::string(std::string_view bytes) {
  varint(bytes.size());
  append(bytes);
}

std::string_view ByteReader::take(size_t count) {
  if (count > left_.size()) {
    fail_damaged(source_, "it ends too early (bytes missing: ", count - left_.size(), ")");
  }
  const std::string_view taken = left_.substr(0, count);
  left_.remove_prefix(count);
  return taken;
}

uint8_t ByteReader::u8() {
  return static_cast<uint8_t>(take(1)[0]);
}

uint32_t ByteReader::u32() {
  uint32_t value = 0;
  for (int shift = 0; shift < 32; shift += 8) value |= uint32_t{u8()} << shift;
  return value;
}

float ByteReader::f32() {
  return std::bit_cast<float>(u32());
}

double ByteReader::f64() {
  const uint64_t low = u32();
  return std::bit_cast<double>(low | (uint64_t{u32()} << 32));
}

uint64_t ByteReader::varint(uint64_t largest, const char* what) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const uint64_t byte = u8();
    const uint64_t part = byte & 0x7F;
    if (shift > 63 || (shift == 63 && part > 1) || (shift > 0 && byte == 0)) {
      fail_damaged(source_, what, " is no proper number");
    }
    value |= part << shift;
    if (byte < 0x80) break;
  }
  if (value > largest) {
    fail_damaged(source_, what, " is ", value, ", expected at most ", largest);
  }
  return value;
}

std::string_view ByteReader::string(size_t longest, const char* what) {
  return take(varint(longest, what));
}

uint64_t known(uint64_t value, uint64_t count, const char* what, const ByteReader& reader) {
  if (value >= count) {
    fail(reader.source(), ": was written by a newer Ockham (", what, " ", value,
         " is unknown here); update Ockham to read it");
  }
  return value;
}

}  // namespace ockham
