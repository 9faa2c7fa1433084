#include "ockham/tensor/crc32c.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ockham {
namespace {

TEST(Crc32c, GivesThePublishedCheckValue) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720, B.4
}

/// Bit by bit, as the polynomial is defined.
uint32_t crc32c_slowly(std::string_view bytes) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78u : 0u);
  }
  return ~crc;
}

TEST(Crc32c, TakesAnyLengthWhole) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(crc32c(bytes), crc32c_slowly(bytes)) << bytes.size();
    bytes += static_cast<char>(37 * i + 11);
  }
}

}  // namespace
}  // namespace ockham
