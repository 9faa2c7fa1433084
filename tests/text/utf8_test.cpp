#include "ockham/text/utf8.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "ockham/text/quote.hpp"

namespace ockham {
namespace {

const std::string kReplaced(kReplacementCharacter);

std::string sanitized(std::string_view bytes, uint64_t expected_count) {
  std::string out = "left over";
  EXPECT_EQ(sanitize_utf8(bytes, out), expected_count);
  return out;
}

TEST(Utf8, KeepsValidText) {
  const std::string ascii(1000, 'x');
  EXPECT_EQ(sanitized(ascii, 0), ascii);
  EXPECT_EQ(sanitized("", 0), "");
  const std::string mixed = "caf\u00E9 \u4E2D\u6587 \U0001F600 \U0010FFFF";
  EXPECT_EQ(sanitized(mixed, 0), mixed);
}

TEST(Utf8, ReplacesMaximalSubparts) {
  // The example of the Unicode standard, section 3.9, table 3-11.
  EXPECT_EQ(sanitized("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", 4),
            kReplaced + kReplaced + kReplaced + kReplaced + "A");
  // Table 3-8: overlong forms; table 3-9: surrogates; table 3-10: other ill-formed bytes.
  EXPECT_EQ(sanitized("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", 8),
            kReplaced + kReplaced + kReplaced + kReplaced + kReplaced + kReplaced + kReplaced +
                kReplaced + "A");
  EXPECT_EQ(sanitized("\xED\xA0\x80", 3), kReplaced + kReplaced + kReplaced);
  EXPECT_EQ(sanitized("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", 7),
            kReplaced + kReplaced + kReplaced + kReplaced + kReplaced + "A" + kReplaced +
                kReplaced + "B");
}

TEST(Utf8, ReplacesOneTruncatedCharacterAtTheEnd) {
  EXPECT_EQ(sanitized("abc\xE2\x82", 1), "abc" + kReplaced);
  EXPECT_EQ(sanitized("abc\xF0\x9F\x98", 1), "abc" + kReplaced);
}

TEST(Utf8, SanitizedBytesAreValid) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    std::string once;
    std::string twice;
    const uint64_t replaced = sanitize_utf8(bytes, once);
    RC_ASSERT(sanitize_utf8(once, twice) == 0u);
    RC_ASSERT(once == twice);
    RC_ASSERT((replaced == 0) == (once == bytes));
  }));
}

TEST(Utf8, DecodingInvertsEncoding) {
  for (char32_t code_point = 0; code_point <= 0x10FFFF; code_point += 7) {
    if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
    std::string bytes;
    append_utf8(code_point, bytes);
    const DecodedCharacter decoded = decode_utf8(bytes + "\x80");
    ASSERT_TRUE(decoded.valid);
    ASSERT_EQ(decoded.code_point, code_point);
    ASSERT_EQ(decoded.length, bytes.size());
  }
}

TEST(Utf8, AsciiPrefixStopsAtTheFirstOtherByte) {
  for (size_t at = 0; at < 100; ++at) {
    std::string bytes(100, 'a');
    bytes[at] = '\x80';
    ASSERT_EQ(ascii_prefix(bytes), at);
  }
}

TEST(Quote, FitsOneLine) {
  EXPECT_EQ(quote("pos"), "\"pos\"");
  EXPECT_EQ(quote("a\nb\x1B\xFF"), "\"a?b?" + kReplaced + "\"");
  EXPECT_EQ(quote(std::string(1000, 'x')), "\"" + std::string(40, 'x') + "...\"");
}

TEST(Quote, ShortensLists) {
  EXPECT_EQ(quote_list(std::vector<std::string>{"a", "b"}), "\"a\", \"b\"");
  const std::vector<std::string> many(30, "c");
  EXPECT_TRUE(quote_list(many).ends_with("\"c\" and 22 more"));
}

}  // namespace
}  // namespace ockham
