#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ockham {

/// Divides numbers n by 0 < d < kEnd, rounded down, with n d < 2^32, by a product: with 2^32 / d
/// rounded up, which is e / d too large, 0 < e <= d, the quotient is n e / (d 2^32) too large, less
/// than the 1 / d that it may be below the next number. A bit of an n-gram takes three divisions.
class SmallDivision {
 public:
  static constexpr uint32_t kEnd = 128;

  constexpr SmallDivision() {
    for (uint64_t d = 1; d < reciprocals_.size(); ++d)
      reciprocals_[d] = (uint64_t{1} << 32) / d + 1;
  }
  constexpr uint32_t operator()(uint32_t n, uint32_t d) const {
    return static_cast<uint32_t>((n * reciprocals_[d]) >> 32);
  }

 private:
  std::array<uint64_t, kEnd> reciprocals_{};
};
inline constexpr SmallDivision kDivide;

/// The probability that a bit is 1, learned from the bits coded with it. A mean of the bits so far
/// (the first at full weight of 2/3) that forgets slowly.
struct BitModel {
  static constexpr uint32_t kOne = 1 << 16;

  uint16_t probability = kOne / 2;
  uint16_t count = 0;

  void learn(bool bit) {
    count = std::min<uint16_t>(static_cast<uint16_t>(count + 1), kLongestMemory);
    const uint32_t distance = bit ? kOne - 1 - probability : probability;
    const uint32_t step = kDivide(2 * distance, 2 * count + 1u);
    probability = static_cast<uint16_t>(bit ? probability + step : probability - step);
  }

 private:
  static constexpr uint16_t kLongestMemory = 60;  // bits
  static_assert(2 * kLongestMemory + 1 < SmallDivision::kEnd);
};

/// Binary arithmetic coding (the carry-less coder of Mahoney's lpaq): an interval [low, high] of
/// 32-bit numbers is cut in proportion to each bit's probability; leading bytes that both ends
/// share are put out. Encoder and decoder have the same members, so that one description of the
/// data, a template over them, serves to write and to read it.
class BitEncoder {
 public:
  /// `source` (what is written, for messages) must outlive the encoder.
  explicit BitEncoder(const std::string& source) : source_(source) {}

  /// `probability` of a 1, in units of 1/65,536; brought into [1/512, 511/512].
  bool code(bool bit, uint32_t probability);
  bool code(bool bit, BitModel& model);
  /// `count` bits at even odds, highest first.
  uint32_t raw(uint32_t value, int count);

  /// Ends the coding and hands out the bytes. At most once.
  std::string finish();
  const std::string& source() const { return source_; }

 private:
  uint32_t low_ = 0;
  uint32_t high_ = UINT32_MAX;
  std::string bytes_;
  const std::string& source_;
};

/// The inverse. The values passed in are ignored, those that were coded are returned. Each bit
/// coded narrows the interval, so that no file of n bytes holds more than about 3,000 n bits.
class BitDecoder {
 public:
  /// `source` (the file's name, for messages) and the bytes must outlive the decoder.
  BitDecoder(std::string_view bytes, const std::string& source);

  /// Throws Error past the end of the bytes, as do the others.
  bool code(bool ignored, uint32_t probability);
  bool code(bool ignored, BitModel& model);
  uint32_t raw(uint32_t ignored, int count);

  /// Throws Error unless the bytes were used up exactly.
  void finish() const;
  const std::string& source() const { return source_; }

 private:
  uint32_t next_byte();

  uint32_t low_ = 0;
  uint32_t high_ = UINT32_MAX;
  uint32_t value_ = 0;
  std::string_view bytes_;
  size_t at_ = 0;
  const std::string& source_;
};

/// A number of `bits` bits, highest first, each bit with a model for the bits above it.
/// `models` [2^bits].
template <typename Coder, typename Models>
uint32_t code_tree(Coder& coder, uint32_t value, int bits, Models&& models) {
  uint32_t node = 1;
  for (int bit = bits - 1; bit >= 0; --bit) {
    node = 2 * node + coder.code(((value >> bit) & 1) != 0, models[node]);
  }
  return node - (1u << bits);
}

}  // namespace ockham
