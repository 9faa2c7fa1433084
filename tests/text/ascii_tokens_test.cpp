#include "ockham/text/ascii_tokens.hpp"

#include <gtest/gtest.h>

#include <random>

#include "ockham/text/word_tokenizer.hpp"
#include "tests/support/each_target.hpp"
#include "tests/text/text_test_util.hpp"

// Many bytes at a time and one after the other must give the same tokens.

namespace ockham {
namespace {

/// A text that is not all ASCII goes from byte to byte; nothing joins to the letter in front.
std::vector<std::string> byte_by_byte(const std::string& text, const TokenizerOptions& options) {
  std::vector<std::string> tokens = tokens_of(WordTokenizer(options), "\xC3\xA4 ." + text);
  tokens.erase(tokens.begin(), tokens.begin() + (options.punctuation ? 2 : 1));
  return tokens;
}

std::string random_text(std::mt19937& random, size_t most) {
  const std::string often = "aaabcnst''   ..,!?-'9Z";
  std::string text(random() % most, ' ');
  for (char& c : text) {
    c = random() % 8 == 0 ? static_cast<char>(random() % 128) : often[random() % often.size()];
  }
  return text;
}

TEST(AsciiTokens, AreThoseOfGoingFromByteToByte) {
  for_each_target([] {
    std::mt19937 random(1);
    for (size_t round = 0; round < 3'000; ++round) {
      const std::string text = random_text(random, 300);
      TokenizerOptions options;
      options.punctuation = round % 2 == 0;
      options.lower_case = round % 3 != 0;
      ASSERT_EQ(tokens_of(WordTokenizer(options), text), byte_by_byte(text, options))
          << testing::PrintToString(text);
    }
  });
}

TEST(AsciiTokens, MayEndAnywhereInABlock) {
  for (size_t length = 0; length < 200; ++length) {
    for (const char end : {'a', '.', ' ', '\''}) {
      const std::string text = std::string(length, 'a') + end;
      std::vector<TokenBuffer::Extent> extents;
      ASSERT_TRUE(split_ascii(text, true, extents));
      EXPECT_EQ(tokens_of(WordTokenizer(), text), byte_by_byte(text, {})) << length << end;
    }
  }
}

TEST(AsciiTokens, LeavesTheRestToOthers) {
  std::vector<TokenBuffer::Extent> extents;
  for (const char* text : {"caf\xC3\xA9", "it 's", "do n't", "DO N'T", "we 've seen"}) {
    EXPECT_FALSE(split_ascii(text, true, extents)) << text;
  }
  for (const char* text : {"", "it's", "'tis the dogs' bone", "a 'quoted' word", "rock'n'roll"}) {
    EXPECT_TRUE(split_ascii(text, true, extents)) << text;
  }
}

}  // namespace
}  // namespace ockham
