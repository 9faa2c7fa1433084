#include "ockham/deploy/prefix_code.hpp"

#include <gtest/gtest.h>

#include <random>

#include "ockham/deploy/c_text.hpp"

namespace ockham {
namespace {

/// A reader in the words of the table's definition.
class Reader {
 public:
  Reader(std::vector<uint8_t> bytes, std::vector<uint8_t> table)
      : bytes_(std::move(bytes)), table_(std::move(table)) {}

  uint32_t bit() {
    const uint32_t value = bytes_.at(at_ / 8) >> (7 - at_ % 8) & 1;
    ++at_;
    return value;
  }
  uint32_t symbol() {
    uint32_t value = 0, first = 0, index = 0;
    for (uint32_t length = 0; length < PrefixCode::kMostBits; ++length) {
      value = 2 * value + bit();
      const uint32_t count = table_.at(length);
      if (value < first + count) return table_.at(PrefixCode::kMostBits + index + value - first);
      index += count;
      first = 2 * (first + count);
    }
    throw std::out_of_range("no symbol has so many bits");
  }

 private:
  std::vector<uint8_t> bytes_, table_;
  size_t at_ = 0;
};

/// Counts and writes the symbols, reads them again, and gives back how many bits they took.
size_t round_trip(const std::vector<uint32_t>& symbols) {
  PrefixCode code;
  for (const uint32_t symbol : symbols) code.count(symbol);
  code.make();
  BitWriter bits;
  for (const uint32_t symbol : symbols) code.write(symbol, bits);
  Reader reader(bits.padded(), code.table());
  for (const uint32_t symbol : symbols) EXPECT_EQ(reader.symbol(), symbol);
  return bits.size();
}

TEST(PrefixCode, GivesBackWhatWasWritten) {
  std::mt19937 random(1);
  std::geometric_distribution<uint32_t> small(0.2);
  std::vector<uint32_t> symbols;
  for (int i = 0; i < 3000; ++i) symbols.push_back(std::min(small(random), 254u));
  const size_t bits = round_trip(symbols);
  EXPECT_GT(bits, 3.6 * 3000);  // the entropy of this distribution is 3.61 bits
  EXPECT_LT(bits, 3.8 * 3000);
}

TEST(PrefixCode, OneSymbolTakesOneBit) {
  EXPECT_EQ(round_trip({7, 7, 7}), 3u);
  EXPECT_EQ(round_trip({}), 0u);
}

TEST(PrefixCode, NoCodeIsTooLong) {
  std::vector<uint32_t> symbols;  // Fibonacci numbers of them: Huffman's own code has 21 bits
  size_t before = 1, count = 1;
  for (uint32_t symbol = 0; symbol < 22; ++symbol) {
    symbols.insert(symbols.end(), count, symbol);
    count += std::exchange(before, count);
  }
  round_trip(symbols);
}

TEST(CText, StringsSurviveTheCompiler) {
  EXPECT_EQ(c_string("a \"b\"\\"), R"("a \042b\042\134")");
  EXPECT_EQ(c_string("?\?/"), R"("\077\077/")");  // no trigraph
  EXPECT_EQ(c_string("\xC3\xA9"
                     "1\n"),
            R"("\303\2511\012")");  // the 1 is no part of the escape
}

TEST(CText, FloatsAreExact) {
  for (const float value : {0.0f, -1.0f / 3.0f, 1e-40f, 3.4e38f, 16777216.0f}) {
    EXPECT_EQ(std::strtof(c_float(value).c_str(), nullptr), value);
    EXPECT_NE(c_float(value).find_first_of(".e"), std::string::npos);  // else 1f is no literal
  }
}

}  // namespace
}  // namespace ockham
