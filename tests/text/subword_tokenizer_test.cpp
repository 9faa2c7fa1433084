#include "ockham/text/subword_tokenizer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "ockham/text/subword_words.hpp"
#include "ockham/text/unicode.hpp"
#include "ockham/text/utf8.hpp"
#include "tests/support/sample_subwords.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

using namespace std::string_literals;
using Tokens = std::vector<std::string>;

const std::string kMark(kWordMark);

/// Tokens joined, with a space for each word mark.
std::string spaced(const Tokens& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token;
  std::string result;
  for (size_t at = 0; at < text.size();) {
    const bool mark = std::string_view(text).substr(at).starts_with(kWordMark);
    result += mark ? ' ' : text[at];
    at += mark ? kWordMark.size() : 1;
  }
  return result;
}

/// The words of a text, with a space before each.
std::string words_of_text(const std::string& text, const TokenizerOptions& options) {
  std::string normalized, result;
  normalize_text(text, text_form(options), normalized);
  visit_words(normalized, options.punctuation, [&](std::string_view word) {
    result += ' ';
    result += word;
  });
  return result;
}

TokenizerOptions options_of(unsigned bits) {
  return {.lower_case = (bits & 1) != 0,
          .compatibility = (bits & 2) != 0,
          .punctuation = (bits & 4) != 0,
          .fold_numbers = (bits & 8) != 0};
}

/// A piece that begins a word, of a hand-made unigram model: a, b, c alone cost 80 each.
SubwordModel letters_and(std::vector<SubwordPiece> pieces) {
  for (const char* letter : {"a", "b", "c", "\xE2\x96\x81"}) pieces.push_back({letter, 80});
  return {SubwordKind::unigram, std::move(pieces), "letters"};
}

Tokens cut(const SubwordModel& model, const std::string& text) {
  return tokens_of(SubwordTokenizer(std::make_shared<const SubwordModel>(model)), text);
}

TEST(SubwordTokenizer, TakesTheCheapestPieces) {
  const SubwordModel model = letters_and({{kMark + "a", 40}, {"bc", 100}, {kMark + "ab", 60}});
  EXPECT_EQ(cut(model, "abc"), (Tokens{kMark + "a", "bc"}));  // 140; _ab c also costs 140
  EXPECT_EQ(cut(model, "ab"), (Tokens{kMark + "ab"}));
  EXPECT_EQ(cut(model, " A  cab\n"), (Tokens{kMark + "a", kMark, "c", "a", "b"}));
  EXPECT_EQ(cut(model, ""), Tokens{});
}

TEST(SubwordTokenizer, JoinsWhatWasLearnedFirst) {
  const SubwordModel model(SubwordKind::bpe, {{"bc", 0}, {"ab", 0}, {"abc", 0}, {kMark + "a", 0}},
                           "joins");
  EXPECT_EQ(cut(model, "abc"), (Tokens{kMark, "abc"}));
  EXPECT_EQ(cut(model, "acab"), (Tokens{kMark + "a", "c", "ab"}));
  EXPECT_EQ(cut(model, "babab"), (Tokens{kMark, "b", "ab", "ab"}));
  EXPECT_EQ(cut(model, "cabc"), (Tokens{kMark, "c", "abc"}));
}

TEST(SubwordTokenizer, GivesUnknownCharactersATokenEach) {
  for (const SubwordKind kind : kSubwordKinds) {
    const SubwordTokenizer tokenizer(sample_subwords(kind));
    EXPECT_EQ(tokens_of(tokenizer, "\U0001F600\U0001F600\xFF"),
              (Tokens{kMark, "\U0001F600", "\U0001F600", "\uFFFD"}));
  }
}

TEST(SubwordTokenizer, TakesATextsOwnWordMarksForSpaces) {
  for (const SubwordKind kind : kSubwordKinds) {
    const SubwordTokenizer tokenizer(sample_subwords(kind));
    EXPECT_EQ(tokens_of(tokenizer, "playing" + kMark + kMark + "kindly" + kMark),
              tokens_of(tokenizer, "playing kindly"));
  }
}

TEST(SubwordTokenizer, SaysTheLength) {
  const SubwordTokenizer tokenizer(sample_subwords(SubwordKind::bpe), {.length_token = true});
  const Tokens tokens = tokens_of(tokenizer, "日本 日本");
  EXPECT_EQ(tokens.back(), "<length:" + std::to_string(tokens.size() - 1) + ">");
  EXPECT_EQ(tokens_of(tokenizer, " "), Tokens{});
}

TEST(SubwordTokenizer, DropsPunctuationButNotInsideWords) {
  const TokenizerOptions options{.punctuation = false};
  const SubwordTokenizer tokenizer(sample_subwords(SubwordKind::unigram), options);
  EXPECT_EQ(spaced(tokens_of(tokenizer, "'Well-made', don't $5 \u00ABx\u00BB \U0001F600!")),
            " well made don't 5 x \U0001F600");
}

// Whatever the bytes and the options: nothing of the text is lost, nothing is added, no token is
// empty or holds a space, and the tokens' text gives the tokens again.
TEST(SubwordTokenizer, TokensAreTheNormalizedText) {
  for (const SubwordKind kind : kSubwordKinds) {
    EXPECT_TRUE(
        rc::check([&](const std::string& bytes, const std::vector<uint8_t>& drawn, uint8_t bits) {
          constexpr std::string_view kParts[] = {"play",    "ing",    "größ",   "日本", " ",
                                                 "'",       "\u00A0", "Ⅻ",      "ﬁ",    "5",
                                                 "e\u0301", ",",      "\u2581", "９"};
          std::string text = bytes;
          for (const uint8_t part : drawn) text += kParts[part % std::size(kParts)];
          const TokenizerOptions options = options_of(bits);
          const SubwordTokenizer tokenizer(sample_subwords(kind), options);
          const Tokens tokens = tokens_of(tokenizer, text);
          TokenBuffer buffer;
          tokenizer.split(text, buffer);
          RC_ASSERT(in_order_and_apart(buffer));
          RC_ASSERT(spaced(tokens) == words_of_text(text, options));
          for (const std::string& token : tokens) {
            std::string clean;
            RC_ASSERT(!token.empty());
            RC_ASSERT(sanitize_utf8(token, clean) == 0u);
            RC_ASSERT(token.find_first_of(" \t\r\n\0"s) == std::string::npos);
          }
          RC_ASSERT(tokens_of(tokenizer, spaced(tokens)) == tokens);
        }));
  }
}

TEST(SubwordTokenizer, PiecesOfALongTextChangeNoToken) {
  std::string text;
  for (const std::string& some : subword_texts(8'000, 3)) text += some;
  ASSERT_GT(text.size(), 3 * kPieceBytes);
  for (const SubwordKind kind : kSubwordKinds) {
    const SubwordTokenizer tokenizer(sample_subwords(kind));
    TokenBuffer whole;
    tokenizer.split(text, whole);
    const Tokens pieces = tokens_of(tokenizer, text);
    ASSERT_EQ(pieces.size(), whole.size());
    for (size_t i = 0; i < pieces.size(); ++i) ASSERT_EQ(pieces[i], whole[i]) << i;
  }
}

TEST(SubwordTokenizer, TakesVeryLongWords) {
  std::string playing, unknown;
  while (playing.size() < 1'000'000) playing += "playing";
  for (size_t i = 0; i < 300'000; ++i) unknown += "\u6F22";
  for (const SubwordKind kind : kSubwordKinds) {
    const SubwordTokenizer tokenizer(sample_subwords(kind));
    EXPECT_EQ(spaced(tokens_of(tokenizer, playing)), std::string(1, ' ').append(playing));
    EXPECT_EQ(tokens_of(tokenizer, unknown).size(), 300'001u);
  }
}

}  // namespace
}  // namespace ockham
