#include "ockham/text/word_tokenizer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstdio>
#include <set>

#include "ockham/text/length_token.hpp"
#include "ockham/text/utf8.hpp"
#include "tests/support/awkward_texts.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

using namespace std::string_literals;
using Tokens = std::vector<std::string>;

Tokens split(std::string_view text) {
  return tokens_of(WordTokenizer(), text);
}

TEST(WordTokenizer, SplitsWordsAndMarks) {
  EXPECT_EQ(split("It was good, NOT great!"),
            (Tokens{"it", "was", "good", ",", "not", "great", "!"}));
  EXPECT_EQ(split("well-made... 10/10<br />"),
            (Tokens{"well", "-", "made", ".", ".", ".", "10", "/", "10", "<", "br", "/", ">"}));
  EXPECT_EQ(split(""), Tokens{});
  EXPECT_EQ(split(" \t\n "), Tokens{});
}

TEST(WordTokenizer, KeepsApostrophesInsideWords) {
  EXPECT_EQ(split("don't it's rock'n'roll"), (Tokens{"don't", "it's", "rock'n'roll"}));
  EXPECT_EQ(split("'quoted' dogs' o''c"),
            (Tokens{"'", "quoted", "'", "dogs", "'", "o", "'", "'", "c"}));
  EXPECT_EQ(split("don\u2019t"), split("don't"));
  EXPECT_EQ(split("l'\u00E9t\u00E9"), (Tokens{"l'\u00E9t\u00E9"}));
}

TEST(WordTokenizer, JoinsPartedContractions) {
  EXPECT_EQ(split("I do n't think it 's what they 'd say"),
            split("I don't think it's what they'd say"));
  EXPECT_EQ(split("it 's, they 've."), (Tokens{"it's", ",", "they've", "."}));
  EXPECT_EQ(split("n't"), (Tokens{"n't"}));
  EXPECT_EQ(split("'s a"), (Tokens{"'", "s", "a"}));
  EXPECT_EQ(split("rated 'd' by"), (Tokens{"rated", "'", "d", "'", "by"}));
  EXPECT_EQ(split("the 'same 'sea"), (Tokens{"the", "'", "same", "'", "sea"}));
  EXPECT_EQ(split("it  's"), (Tokens{"it", "'", "s"}));  // one space at most
  EXPECT_EQ(split(". 's"), (Tokens{".", "'", "s"}));
  EXPECT_EQ(tokens_of(WordTokenizer({.lower_case = false}), "DO N'T It 'S"),
            (Tokens{"DON'T", "It'S"}));
}

TEST(WordTokenizer, ComposesBeforeItCompares) {
  EXPECT_EQ(split("cafe\u0301 noe\u0308l"), split("caf\u00E9 no\u00EBl"));
  EXPECT_EQ(split("\u212B"), split("\u00E5"));                // ANGSTROM SIGN
  EXPECT_EQ(split("\u1112\u1161\u11AB"), split("\uD55C"));    // Hangul
  EXPECT_EQ(split("q\u0307\u0323"), split("q\u0323\u0307"));  // order of marks
  EXPECT_EQ(split("=\u0338"), split("\u2260"));               // a mark on an ASCII symbol
}

TEST(WordTokenizer, FoldsCase) {
  EXPECT_EQ(split("STRASSE \u00C9T\u00C9"), split("stra\u00DFe \u00E9t\u00E9"));
  EXPECT_EQ(split("\u041F\u0420\u0418\u0412\u0415\u0422"),
            split("\u043F\u0440\u0438\u0432\u0435\u0442"));
  EXPECT_EQ(split("\u03A3\u03C2"), split("\u03C3\u03C3"));  // final sigma
  const WordTokenizer keeps_case({.lower_case = false});
  EXPECT_EQ(tokens_of(keeps_case, "Good \u00C9t\u00E9"), (Tokens{"Good", "\u00C9t\u00E9"}));
}

TEST(WordTokenizer, SaysTheLengthInEightStepsADoubling) {
  const WordTokenizer tokenizer({.length_token = true});
  EXPECT_EQ(tokens_of(tokenizer, "Not good."), (Tokens{"not", "good", ".", "<length:3>"}));
  EXPECT_EQ(tokens_of(tokenizer, " "), Tokens{});
  EXPECT_EQ(tokens_of(tokenizer, "<length:3>").size(), 6u);  // a text cannot hold the token
  // The steps follow each other without a gap, and none is longer than an eighth of a doubling.
  std::string text;
  size_t first = 0, last = 0;
  for (size_t n = 1; n <= 300; ++n) {
    text += "a ";
    const std::string token = tokens_of(tokenizer, text).back();
    if (n > last) {
      if (std::sscanf(token.c_str(), "<length:%zu-%zu>", &first, &last) == 1) last = first;
      EXPECT_EQ(first, n);
      EXPECT_LT(double(last), double(first) * std::exp2(0.125));
      EXPECT_GE(double(last + 1), double(first) * std::exp2(0.125) - 1.0);
    } else {
      EXPECT_TRUE(token.ends_with(std::string("-").append(std::to_string(last)).append(">")))
          << token;
    }
  }
  EXPECT_EQ(first, 280u);  // 2^(65/8) = 279.2
}

TEST(WordTokenizer, KnowsALengthTokenAmongNgrams) {
  const WordTokenizer tokenizer({.length_token = true});
  for (const char* text : {"a", "a b c d e f g h i j k l m n o p q r s t u v w x y z"}) {
    EXPECT_TRUE(is_length_token(tokens_of(tokenizer, text).back()));
  }
  for (const char* ngram : {"", "length", "<", "a <length:1>", "< length"}) {
    EXPECT_FALSE(is_length_token(ngram)) << ngram;
  }
}

TEST(WordTokenizer, DropsPunctuationWhenAsked) {
  const WordTokenizer tokenizer({.punctuation = false});
  EXPECT_EQ(tokens_of(tokenizer, "'Well-made', isn't it? (10/10) <br /> \u00ABx\u00BB\u2026"),
            (Tokens{"well", "made", "isn't", "it", "10", "10", "br", "x"}));
  // Other symbols and the characters of scripts without spaces are words of a kind.
  EXPECT_EQ(tokens_of(tokenizer, "\U0001F600 5\u20AC \u4E2D\u3002\u3067"),
            (Tokens{"\U0001F600", "5", "\u20AC", "\u4E2D", "\u3067"}));
}

TEST(WordTokenizer, MakesCompatibilityCharactersPlainWhenAsked) {
  const WordTokenizer tokenizer({.compatibility = true});
  EXPECT_EQ(tokens_of(tokenizer, "\uFF26\uFF29\uFF2C\uFF2D \uFB01ne x\u00B2 \u2167"),
            (Tokens{"film", "fine", "x2", "viii"}));
  EXPECT_EQ(split("\uFB01ne"), (Tokens{"fine"}));  // case folding alone does this one
  EXPECT_EQ(tokens_of(WordTokenizer({.lower_case = false}), "\uFB01ne"), (Tokens{"\uFB01ne"}));
  // Half-width voicing marks and lone Hangul letters join what stands before them.
  EXPECT_EQ(tokens_of(tokenizer, "\uFF76\uFF9E"), (Tokens{"\u30AC"}));
  EXPECT_EQ(tokens_of(tokenizer, "\u3131\u314F"), (Tokens{"\uAC00"}));
  EXPECT_EQ(split("x\u00B2"), (Tokens{"x\u00B2"}));
}

TEST(WordTokenizer, FoldsDigitsWhenAsked) {
  const WordTokenizer tokenizer({.fold_numbers = true});
  EXPECT_EQ(tokens_of(tokenizer, "7/10 in 1984, 3D \u0663\u0664 \u00B2"),
            (Tokens{"0", "/", "00", "in", "0000", ",", "0d", "00", "\u00B2"}));
  const WordTokenizer both({.compatibility = true, .fold_numbers = true});
  EXPECT_EQ(tokens_of(both, "\uFF17 \u2461 5\u0301"), (Tokens{"0", "0", "0\u0301"}));
}

TEST(WordTokenizer, KnowsUnicodeSpaces) {
  const Tokens expected{"a", "b"};
  for (const char* space : {"\u2009", "\u00A0", "\u3000", "\u2028", "\u0085", "\u200B", "\x7F"}) {
    EXPECT_EQ(split("a"s + space + "b"), expected);
  }
  EXPECT_EQ(split("a\0b"s), expected);
  EXPECT_EQ(split("a\rb"), expected);
}

TEST(WordTokenizer, DropsInvisibleCharacters) {
  EXPECT_EQ(split("ho\u00ADtel"), (Tokens{"hotel"}));
  EXPECT_EQ(split("\u2764\uFE0F"), (Tokens{"\u2764"}));
}

TEST(WordTokenizer, GivesOtherCharactersATokenEach) {
  EXPECT_EQ(split("\u00ABbon\u00BB\u2026\u2014"),
            (Tokens{"\u00AB", "bon", "\u00BB", "\u2026", "\u2014"}));
  EXPECT_EQ(split("ok\U0001F600\U0001F600"), (Tokens{"ok", "\U0001F600", "\U0001F600"}));
  EXPECT_EQ(split("\u4E2D\u6587\u3067\u3059"), (Tokens{"\u4E2D", "\u6587", "\u3067", "\u3059"}));
  EXPECT_EQ(split("a\xFF"
                  "b"),
            (Tokens{"a", "\uFFFD", "b"}));
}

TEST(WordTokenizer, TakesVeryLongWords) {
  EXPECT_EQ(split(std::string(1 << 20, 'X')), (Tokens{std::string(1 << 20, 'x')}));
  std::string marks = "e";
  for (size_t i = 0; i < 200'000; ++i) marks += i % 2 ? "\u0301" : "\u0323";
  EXPECT_EQ(split(marks).size(), 1u);  // in linear time: a quadratic sort would take minutes
}

TEST(WordTokenizer, ReusesItsBuffer) {
  const WordTokenizer tokenizer;
  TokenBuffer buffer;
  tokenizer.split("a long text of many words \u00E9", buffer);
  const size_t bytes = buffer.bytes.capacity();
  const size_t extents = buffer.extents.capacity();
  tokenizer.split("short", buffer);
  ASSERT_EQ(buffer.size(), 1u);
  EXPECT_EQ(buffer[0], "short");
  EXPECT_EQ(buffer.bytes.capacity(), bytes);
  EXPECT_EQ(buffer.extents.capacity(), extents);
}

TEST(WordTokenizer, AnyBytesGiveCleanTokens) {
  EXPECT_TRUE(
      rc::check([](const std::string& bytes, const std::vector<uint16_t>& drawn, uint8_t bits) {
        const WordTokenizer tokenizer({.lower_case = bits % 2 == 0,
                                       .compatibility = bits / 2 % 2 != 0,
                                       .punctuation = bits / 4 % 2 == 0,
                                       .fold_numbers = bits / 8 % 2 != 0});
        std::string text = bytes;
        for (const uint16_t value : drawn) append_utf8(value % 0xD800u + 1, text);
        TokenBuffer buffer;
        tokenizer.split(text, buffer);
        RC_ASSERT(in_order_and_apart(buffer));
        for (const std::string& token : tokens_of(tokenizer, text)) {
          std::string clean;
          RC_ASSERT(sanitize_utf8(token, clean) == 0u);
          RC_ASSERT(!token.empty());
          RC_ASSERT(token.find_first_of(" \t\r\n\0"s) == std::string::npos);
          RC_ASSERT(tokens_of(tokenizer, token) == Tokens{token});
        }
      }));
}

TEST(WordTokenizer, TakesTokensWithOtherCharactersForOne) {
  const WordTokenizer tokenizer({.length_token = true}, U"\u00E9\u2014");
  EXPECT_EQ(tokens_of(tokenizer, "A na\u00EFve caf\u00C9 \u2014 \u2026 do n't\u00A0\u65E5<other>"),
            (Tokens{"a", "<other>", "caf\u00E9", "\u2014", "<other>", "don't", "<other>", "<",
                    "other", ">", "<length:10>"}));
  EXPECT_EQ(tokens_of(WordTokenizer({}, U""), "caf\u00E9 Caf\u00E9s, cafe"),
            (Tokens{"<other>", "<other>", ",", "cafe"}));
  EXPECT_THROW(WordTokenizer({}, U"\u00E9\u00E9"), Error);
  EXPECT_THROW(WordTokenizer({}, U"\u2014\u00E9"), Error);
  EXPECT_THROW(WordTokenizer({}, U"e\u00E9"), Error);
  EXPECT_THROW(WordTokenizer({}, std::u32string{0xD800}), Error);
  EXPECT_THROW(WordTokenizer({}, std::u32string{0x110000}), Error);
}

TEST(WordTokenizer, OtherCharactersChangeNothingElse) {
  const std::u32string characters = U"\u00DF\u00E0\u00E9\u0301\u03C9\u2014\uD55C\U0001F600";
  const WordTokenizer all, some({}, characters);
  AwkwardTexts awkward(3, {"good", "caf\u00E9", "d\u00E0", "na\u00EFve", "\u2014", "\uD55C"});
  size_t others = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = awkward.next(30);
    Tokens expected = tokens_of(all, text);
    for (std::string& token : expected) {
      bool other = false;
      for (std::string_view rest = token; !rest.empty();) {
        const DecodedCharacter character = decode_utf8(rest);
        other |= character.code_point >= 0x80 &&
                 characters.find(character.code_point) == std::u32string::npos;
        rest.remove_prefix(character.length);
      }
      if (other) token = kOtherToken;
      others += other;
    }
    ASSERT_EQ(tokens_of(some, text), expected) << testing::PrintToString(text);
  }
  EXPECT_GT(others, 1000u);
}

TEST(LengthToken, AllAreKnown) {
  const std::vector<std::string> all = all_length_tokens();
  const std::set<std::string> known(all.begin(), all.end());
  EXPECT_EQ(known.size(), all.size());
  TokenBuffer tokens;
  for (size_t count = 1; count < 3'000'000; count += 1 + count / 50) {
    put_length_token(count, tokens);
    EXPECT_TRUE(known.contains(std::string(tokens[0]))) << count;
    EXPECT_TRUE(is_length_token(tokens[0]));
  }
}

}  // namespace
}  // namespace ockham
