#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace ockham {

/// Bits one after the other, from the highest of the first byte on.
class BitWriter {
 public:
  /// The lowest `count` bits of the value, the highest of them first.
  void add(uint32_t value, uint32_t count);
  /// Fills the last byte with zeros.
  void align() { size_ = (size_ + 7) / 8 * 8; }

  size_t size() const { return size_; }  ///< bits
  /// With three bytes of zeros behind them, for readers that look ahead.
  std::vector<uint8_t> padded() const;

 private:
  std::vector<uint8_t> bytes_;
  size_t size_ = 0;
};

/// A canonical Huffman code of at most 15 bits a symbol, in two steps: count all symbols, then
/// write them. Symbols are 0 .. 254.
class PrefixCode {
 public:
  static constexpr uint32_t kMostBits = 15;

  void count(uint32_t symbol) { ++counts_.at(symbol); }
  /// After the counting: gives the symbols their codes.
  void make();
  /// Of a symbol that was counted.
  void write(uint32_t symbol, BitWriter& bits) const { bits.add(code_[symbol], length_[symbol]); }

  /// How many symbols have 1, 2, ... 15 bits, then the symbols in the order of their codes.
  std::vector<uint8_t> table() const;

 private:
  static constexpr size_t kSymbols = 255;

  std::array<uint64_t, kSymbols> counts_{};
  std::array<uint32_t, kSymbols> length_{}, code_{};
  std::vector<uint8_t> order_;  // symbols by their lengths
};

}  // namespace ockham
