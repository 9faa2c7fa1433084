#include "ockham/deploy/bit_coder.hpp"

#include <algorithm>
#include <utility>

#include "ockham/deploy/bytes.hpp"

namespace ockham {
namespace {

constexpr uint32_t kLeast = BitModel::kOne / 512;
constexpr size_t kBytesAhead = 3;  // the decoder holds four, the last byte written is one

/// The last number of the lower part of [low, high], which stands for a 1.
uint32_t cut(uint32_t low, uint32_t high, uint32_t probability) {
  const uint32_t p = std::clamp(probability, kLeast, BitModel::kOne - kLeast);
  return low + static_cast<uint32_t>((uint64_t{high - low} * p) >> 16);
}

bool same_first_byte(uint32_t low, uint32_t high) {
  return ((low ^ high) >> 24) == 0;
}

}  // namespace

bool BitEncoder::code(bool bit, uint32_t probability) {
  const uint32_t middle = cut(low_, high_, probability);
  (bit ? high_ : low_) = bit ? middle : middle + 1;
  while (same_first_byte(low_, high_)) {
    bytes_.push_back(static_cast<char>(high_ >> 24));
    low_ <<= 8;
    high_ = (high_ << 8) | 0xFF;
  }
  return bit;
}

bool BitEncoder::code(bool bit, BitModel& model) {
  code(bit, model.probability);
  model.learn(bit);
  return bit;
}

uint32_t BitEncoder::raw(uint32_t value, int count) {
  for (int i = count - 1; i >= 0; --i) code(((value >> i) & 1) != 0, BitModel::kOne / 2);
  return value;
}

std::string BitEncoder::finish() {
  // The ends differ in their first byte, so this byte followed by zeros lies between them.
  bytes_.push_back(static_cast<char>((low_ >> 24) + 1));
  return std::move(bytes_);
}

BitDecoder::BitDecoder(std::string_view bytes, const std::string& source)
    : bytes_(bytes), source_(source) {
  for (int i = 0; i < 4; ++i) value_ = (value_ << 8) | next_byte();
}

uint32_t BitDecoder::next_byte() {
  if (at_ >= bytes_.size() + kBytesAhead) fail_damaged(source_, "it ends too early");
  const uint32_t byte = at_ < bytes_.size() ? static_cast<uint8_t>(bytes_[at_]) : 0;
  ++at_;
  return byte;
}

bool BitDecoder::code(bool /*ignored*/, uint32_t probability) {
  const uint32_t middle = cut(low_, high_, probability);
  const bool bit = value_ <= middle;
  (bit ? high_ : low_) = bit ? middle : middle + 1;
  while (same_first_byte(low_, high_)) {
    low_ <<= 8;
    high_ = (high_ << 8) | 0xFF;
    value_ = (value_ << 8) | next_byte();
  }
  return bit;
}

bool BitDecoder::code(bool ignored, BitModel& model) {
  const bool bit = code(ignored, model.probability);
  model.learn(bit);
  return bit;
}

uint32_t BitDecoder::raw(uint32_t /*ignored*/, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = 2 * value + code(false, BitModel::kOne / 2);
  return value;
}

void BitDecoder::finish() const {
  if (at_ != bytes_.size() + kBytesAhead) {
    fail_damaged(source_, bytes_.size() + kBytesAhead - at_,
                 " bytes are left over where a part should end");
  }
}

}  // namespace ockham
