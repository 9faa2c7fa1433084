#include "ockham/compress/known_characters.hpp"

#include <gtest/gtest.h>

#include "ockham/text/subword_tokenizer.hpp"
#include "ockham/text/utf8.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "tests/support/sample_subwords.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

HashedVocabulary buckets_of(const std::vector<std::string>& ngrams, const NgramHashing& hashing) {
  std::vector<uint32_t> buckets;
  for (const std::string& ngram : ngrams) buckets.push_back(hashing.bucket(hash_ngram(ngram)));
  return HashedVocabulary(hashing, buckets);
}

std::optional<std::u32string> characters_of(const HashedVocabulary& hashed, const Dataset& texts) {
  const WordTokenizer tokenizer;
  return known_characters(hashed, tokenizer, texts,
                          count_ngram_hashes(texts, tokenizer, hashed.hashing().max_length));
}

TEST(KnownCharacters, OfWordsAreTheirs) {
  EXPECT_EQ(known_characters(NgramVocabulary(std::vector<std::string>{"good", "not good"})), U"");
  EXPECT_EQ(known_characters(NgramVocabulary(
                std::vector<std::string>{"caf\u00E9 \u2014", "\U0001F600", "d\u00E9j\u00E0"})),
            U"\u00E0\u00E9\u2014\U0001F600");
}

TEST(KnownCharacters, OfTooManyThereAreNone) {
  std::vector<std::string> many;
  for (char32_t c = 0x4E00; many.size() < kMostCharacters; ++c) append_utf8(c, many.emplace_back());
  EXPECT_EQ(known_characters(NgramVocabulary(many))->size(), kMostCharacters);
  many.emplace_back("\u00E9");
  EXPECT_EQ(known_characters(NgramVocabulary(many)), std::nullopt);
}

TEST(KnownCharacters, OfHashesAreThoseOfTheTextsNgrams) {
  const HashedVocabulary hashed =
      buckets_of({"caf\u00E9", "not \u00FC", "good", "\u2026 \u2026 \u00A3", "\u0436"},
                 {.bits = 24, .max_length = 3});
  const Dataset texts = dataset_of(
      "a\tA good CAF\u00C9, na\u00EFve\n"
      "a\tnot \u00FC b\u00F6se \u2014 \u2026 \u2026 \u00A3\n"
      "a\tnot bad\n");
  EXPECT_EQ(characters_of(hashed, texts), U"\u00A3\u00E9\u00FC\u2026");
}

TEST(KnownCharacters, OfAnNgramThatOnlySharesABucketDoNotCount) {
  const NgramHashing hashing{.bits = 8, .max_length = 1};
  const HashedVocabulary hashed = buckets_of({"good"}, hashing);
  std::string other = "\u00E9";
  while (hashed.find(other) == HashedVocabulary::kNotFound) other += "e";
  EXPECT_EQ(characters_of(hashed, dataset_of("a\tgood good " + other + "\n")), U"");
  EXPECT_EQ(characters_of(hashed, dataset_of("a\tgood " + other + " " + other + "\n")), U"\u00E9");
}

TEST(KnownCharacters, OnlyTokenizersOfWordsAreToldOfThem) {
  const auto subwords =
      std::make_shared<const SubwordTokenizer>(sample_subwords(SubwordKind::unigram));
  EXPECT_EQ(told_of(U"\u00E9", subwords), subwords);
  const auto words = std::make_shared<const WordTokenizer>(TokenizerOptions{.lower_case = false});
  EXPECT_EQ(told_of(std::nullopt, words), words);
  const auto told = std::dynamic_pointer_cast<const WordTokenizer>(told_of(U"\u00E9", words));
  EXPECT_EQ(told->options(), words->options());
  EXPECT_EQ(told->characters(), U"\u00E9");
}

}  // namespace
}  // namespace ockham
