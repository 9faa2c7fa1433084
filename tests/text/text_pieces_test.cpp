#include "ockham/text/text_pieces.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "ockham/text/encoded_corpus.hpp"
#include "ockham/text/utf8.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

std::string repeated(const std::string& what, size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += what;
  return text;
}

TEST(PieceLength, AShortTextIsOnePiece) {
  EXPECT_EQ(piece_length("not good", true), 8u);
  EXPECT_EQ(piece_length(repeated("not good ", kPieceBytes - 9), true),
            kPieceBytes - kPieceBytes % 9);
  EXPECT_EQ(piece_length("not good", false), 0u);
}

TEST(PieceLength, EndsBehindTheFirstSpaceBetweenWords) {
  const std::string before(kPieceBytes, 'x');
  const auto length = [&](const std::string& after) {
    return piece_length(before + after, true) - kPieceBytes;
  };
  EXPECT_EQ(length(" good film"), 1u);
  EXPECT_EQ(length("x good film"), 2u);
  // Not before what may belong to the word in front of the space, nor beside punctuation.
  EXPECT_EQ(length(" n't ab"), 5u);
  EXPECT_EQ(length(" 's ab"), 4u);
  EXPECT_EQ(length(" n\xE2\x80\x99t ab"), 7u);
  EXPECT_EQ(length(" \xCC\x81g ab"), 5u);
  EXPECT_EQ(length(". ab, cd ef"), 9u);
  EXPECT_EQ(length(". "), 2u);  // no such place: the whole
}

TEST(PieceLength, CutsATextWithoutSuchAPlaceBetweenCharacters) {
  const std::string euros =
      repeated("\xE2\x82\xAC", 2 * kMostPieceBytes);  // 2^20 = 3 * 349,525 + 1
  EXPECT_EQ(piece_length(euros, true), kMostPieceBytes - 1);
  EXPECT_EQ(piece_length(std::string(2 * kMostPieceBytes, 'a'), true), kMostPieceBytes);
  EXPECT_EQ(piece_length(std::string(2 * kMostPieceBytes, '\x80'), true), kMostPieceBytes);
  EXPECT_EQ(piece_length(std::string(kMostPieceBytes + 2, 'a'), true), kMostPieceBytes + 2);
}

TEST(PieceLength, DoesNotHangOnHowMuchIsKnown) {
  const std::vector<std::string> texts = {
      repeated("it 's long, but do n't \xC3\xA4 go ", 200'000),
      repeated("\xE2\x82\xAC", kMostPieceBytes + 500),
      std::string(kMostPieceBytes + 3, 'a'),
      repeated("a, b! ", kPieceBytes + 20'000) + "dull film " + std::string(70'000, 'y') + " at en",
  };
  for (const std::string& text : texts) {
    const size_t expected = piece_length(text, true);
    for (size_t known = 0; known <= text.size();) {
      const size_t length = piece_length(std::string_view(text).substr(0, known), false);
      EXPECT_TRUE(length == 0 || length == expected) << known;
      const bool near_the_end = known < expected + 9 && known + 9 > expected;
      known += near_the_end ? 1 : 997;
    }
  }
}

TEST(IncompleteSuffix, IsWhatMoreBytesMayComplete) {
  EXPECT_EQ(incomplete_suffix(""), 0u);
  EXPECT_EQ(incomplete_suffix("abc"), 0u);
  EXPECT_EQ(incomplete_suffix("a\xC3"), 1u);
  EXPECT_EQ(incomplete_suffix("a\xC3\xA4"), 0u);
  EXPECT_EQ(incomplete_suffix("\xE2\x82"), 2u);
  EXPECT_EQ(incomplete_suffix("\xF0\x9F\x98"), 3u);
  EXPECT_EQ(incomplete_suffix("\xF0\x9F\x98\x80"), 0u);
  EXPECT_EQ(incomplete_suffix("\xE0\x80"), 0u);  // overlong: invalid already
  EXPECT_EQ(incomplete_suffix("\x82\x82"), 0u);
  EXPECT_EQ(incomplete_suffix("a\xFF"), 0u);
}

/// Tokens of a long text are those of the text as if it were short, wherever the pieces end.
TEST(Pieces, ChangeNoToken) {
  std::mt19937 random(1);
  const std::vector<std::string> words = {
      "it",       "'s", "do", "n't",         "n\xE2\x80\x99t", "long", ",",           "e\xCC\x81",
      "\xCC\x81", "  ", "-",  "K\xC3\xB6ln", "U.S.",           "42",   "\xE6\xBC\xA2"};
  std::string text;
  while (text.size() < 5 * kPieceBytes) text += words[random() % words.size()] + " ";
  const WordTokenizer tokenizer;
  TokenBuffer whole;
  tokenizer.split(text, whole);
  const std::vector<std::string> pieces = tokens_of(tokenizer, text);
  ASSERT_EQ(pieces.size(), whole.size());
  for (size_t i = 0; i < pieces.size(); ++i) ASSERT_EQ(pieces[i], whole[i]) << i;
}

TEST(TextEncoder, PartsOfATextGiveWhatTheWholeGives) {
  std::mt19937 random(2);
  const std::vector<std::string> ngrams = {
      "good", "not good", "film", "<length:3>", "\xE6\xBC\xA2", "good film", "film not good"};
  const WordTokenizer tokenizer({.length_token = true});
  const std::vector<std::string> texts = {
      "", "not good film", repeated("not good film , ", 300'000),
      repeated("\xE6\xBC\xA2", 3'000'000), repeated("film not \xC3\xA4 ", 70'000) + "good"};
  std::vector<std::string> known = ngrams;  // and the texts' own length tokens
  for (const std::string& text : texts) {
    const std::vector<std::string> tokens = tokens_of(tokenizer, text);
    if (!tokens.empty() && std::ranges::find(known, tokens.back()) == known.end()) {
      known.push_back(tokens.back());
    }
  }
  ASSERT_EQ(known.size(), ngrams.size() + 3);
  const Vocabulary vocabulary = NgramVocabulary(known);
  for (const size_t max_tokens : {0u, 5u}) {
    TextEncoder encoder(tokenizer, vocabulary, max_tokens);
    EncodedCorpus whole, parts;
    for (const std::string& text : texts) {
      encoder.encode(text, whole);
      for (size_t at = 0; at < text.size();) {
        const size_t count = std::min<size_t>(1 + random() % 200'000, text.size() - at);
        encoder.add(std::string_view(text).substr(at, count), parts);
        at += count;
      }
      encoder.end(parts);
    }
    EXPECT_EQ(parts, whole);
    EXPECT_EQ(whole.length(1), 5u);  // good, not good, film, good film, <length:3>
  }
}

}  // namespace
}  // namespace ockham
