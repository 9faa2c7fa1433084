#include "ockham/text/ascii_tokens.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

#include "ockham/text/byte_tokens.hpp"
#include "ockham/text/unicode.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "tests/support/each_target.hpp"
#include "tests/text/text_test_util.hpp"

// Many bytes at a time and one after the other must give the same tokens.

namespace ockham {
namespace {

std::vector<std::string> byte_by_byte(const std::string& text, const TokenizerOptions& options) {
  TokenBuffer tokens;
  normalize_text(text, text_form(options), tokens.bytes);
  split_bytes(tokens, 0, SIZE_MAX, options.punctuation);
  std::vector<std::string> result;
  for (size_t i = 0; i < tokens.size(); ++i) result.emplace_back(tokens[i]);
  return result;
}

/// Of `pieces` mostly, and of any ASCII bytes.
std::string random_text(std::mt19937& random, const std::vector<std::string>& pieces) {
  std::string text;
  for (size_t left = random() % 300; left > 0; --left) {
    if (random() % 8 == 0) {
      text += static_cast<char>(random() % 128);
    } else {
      text += pieces[random() % pieces.size()];
    }
  }
  return text;
}

void expect_same_tokens(const std::vector<std::string>& pieces) {
  for_each_target([&] {
    std::mt19937 random(1);
    for (size_t round = 0; round < 3'000; ++round) {
      const std::string text = random_text(random, pieces);
      TokenizerOptions options;
      options.punctuation = round % 2 == 0;
      options.lower_case = round % 3 != 0;
      ASSERT_EQ(tokens_of(WordTokenizer(options), text), byte_by_byte(text, options))
          << testing::PrintToString(text);
    }
  });
}

TEST(AsciiTokens, AreThoseOfGoingFromByteToByte) {
  expect_same_tokens({"a", "a", "bc", "n", "s", "t", "'", " ", " ", ".", ",", "!?", "-", "9", "Z"});
}

TEST(AsciiTokens, GoOnBehindWhatIsNotForThem) {
  expect_same_tokens({"ab", "words of ASCII, some; ", "it 's ", "do n't", " 've", "caf\xC3\xA9",
                      "\xE4\xB8\xAD", "\xC2\xA0", "'\xC3\xA4", " ", "\n", "-", ".", "'"});
}

TEST(AsciiTokens, MayEndAnywhereInABlock) {
  for_each_target([] {
    for (size_t length = 0; length < 200; ++length) {
      for (const char inside : {'a', '.'}) {  // of marks every byte is a token
        for (const std::string end : {"a", ".", " ", "'", "'a", " 's", "\xC3\xA9"}) {
          const std::string text = std::string(length, inside) + end;
          EXPECT_EQ(tokens_of(WordTokenizer(), text), byte_by_byte(text, {})) << length << end;
        }
      }
    }
  });
}

TEST(AsciiTokens, AreAddedToThoseInFront) {
  for (const bool punctuation : {true, false}) {
    TokenBuffer tokens, expected;
    tokens.bytes = expected.bytes = "so, good (caf\xC3\xA9) it 's";
    split_bytes(expected, 0, SIZE_MAX, punctuation);
    const size_t first = split_bytes(tokens, 0, 1, punctuation);
    EXPECT_EQ(first, 3u);
    const size_t before = split_ascii(tokens.bytes, first, punctuation, tokens.extents);
    EXPECT_EQ(before, 9u);
    EXPECT_EQ(tokens.size(), punctuation ? 3u : 2u);  // none of the word that it stopped at
    const size_t behind = split_bytes(tokens, before, before, punctuation);
    EXPECT_EQ(behind, 16u);
    const size_t contraction = split_ascii(tokens.bytes, behind, punctuation, tokens.extents);
    EXPECT_EQ(contraction, 20u);
    split_bytes(tokens, contraction, SIZE_MAX, punctuation);
    ASSERT_EQ(tokens.size(), expected.size());
    for (size_t i = 0; i < tokens.size(); ++i) EXPECT_EQ(tokens[i], expected[i]);
  }
}

size_t reached(const std::string& text) {
  std::vector<TokenBuffer::Extent> extents;
  return split_ascii(text, 0, true, extents);
}

TEST(AsciiTokens, StopBeforeTheWordThatIsNotForThem) {
  EXPECT_EQ(reached("caf\xC3\xA9"), 0u);
  EXPECT_EQ(reached("a (caf\xC3\xA9)"), 2u);
  EXPECT_EQ(reached(std::string(70, ' ') + std::string(70, '-') + "\xC3\xA9"), 70u);
  EXPECT_EQ(reached("it 's"), 3u);
  EXPECT_EQ(reached("I do n't"), 5u);
  EXPECT_EQ(reached("WE DO N'T"), 6u);
  for (const std::string text :
       {"", "it's", "'tis the dogs' bone", "a 'quoted' word", "rock'n'roll"}) {
    EXPECT_EQ(reached(text), text.size()) << text;
  }
}

}  // namespace
}  // namespace ockham
