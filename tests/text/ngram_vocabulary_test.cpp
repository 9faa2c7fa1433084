#include "ockham/text/ngram_vocabulary.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

#include "ockham/text/word_tokenizer.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

using Strings = std::vector<std::string>;

MappedVector<uint32_t> encode(const NgramVocabulary& vocabulary, std::string_view text) {
  TokenBuffer tokens;
  WordTokenizer().split(text, tokens);
  MappedVector<uint32_t> ids;
  OpenNgrams open;
  vocabulary.encode(tokens, open, ids);
  return ids;
}

/// The definition, in slow motion: at each token the n-grams that end there, shortest first.
std::vector<uint32_t> encode_slowly(const Strings& ngrams, const Strings& tokens) {
  std::map<std::string, uint32_t> numbers;
  for (uint32_t i = 0; i < ngrams.size(); ++i) numbers[ngrams[i]] = i;
  std::vector<uint32_t> ids;
  for (size_t end = 0; end < tokens.size(); ++end) {
    std::string ngram;
    for (size_t length = 1; length <= end + 1; ++length) {
      ngram = tokens[end + 1 - length] + (length == 1 ? "" : " " + ngram);
      if (numbers.contains(ngram)) ids.push_back(numbers[ngram]);
    }
  }
  return ids;
}

/// Distinct n-grams of 1 to 4 words over a small alphabet, so that they overlap.
Strings ngrams_of(const std::vector<uint16_t>& drawn) {
  std::set<std::string> seen;
  Strings ngrams;
  for (uint16_t value : drawn) {
    std::string ngram;
    const int length = 1 + value % 4;
    value /= 4;
    for (int i = 0; i < length; ++i, value /= 4) {
      if (i > 0) ngram += ' ';
      ngram += static_cast<char>('a' + value % 4);
    }
    if (seen.insert(ngram).second) ngrams.push_back(ngram);
  }
  return ngrams;
}

Strings tokens_from(const std::vector<uint8_t>& drawn) {
  Strings tokens;
  for (const uint8_t value : drawn) tokens.emplace_back(1, static_cast<char>('a' + value % 5));
  return tokens;
}

std::string joined(const Strings& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token + " ";
  return text;
}

TEST(NgramVocabulary, PlacesABigramAfterItsSecondWord) {
  const NgramVocabulary vocabulary(Strings{"good", "not good", "film", "not"});
  EXPECT_EQ(encode(vocabulary, "a film not good at all"), (std::vector<uint32_t>{2, 3, 0, 1}));
  EXPECT_EQ(vocabulary.max_length(), 2u);
  EXPECT_EQ(vocabulary.word_count(), 3u);
}

TEST(NgramVocabulary, FindsANgramWhoseWordsAreUnknownAlone) {
  const NgramVocabulary vocabulary(Strings{"waste of time"});
  EXPECT_EQ(encode(vocabulary, "a waste of time"), (std::vector<uint32_t>{0}));
  EXPECT_EQ(encode(vocabulary, "waste of a time"), (std::vector<uint32_t>{}));
  EXPECT_EQ(encode(vocabulary, "waste of waste of time"), (std::vector<uint32_t>{0}));
}

TEST(NgramVocabulary, EmptyOnesFindNothing) {
  const NgramVocabulary vocabulary;
  EXPECT_EQ(vocabulary.size(), 0u);
  EXPECT_EQ(vocabulary.max_length(), 0u);
  EXPECT_EQ(encode(vocabulary, "any text"), (std::vector<uint32_t>{}));
  EXPECT_EQ(vocabulary.find("any"), NgramVocabulary::kNotFound);
}

TEST(NgramVocabulary, EncodesAsTheDefinitionSays) {
  EXPECT_TRUE(
      rc::check([](const std::vector<uint16_t>& ngram_seed, const std::vector<uint8_t>& text_seed) {
        const Strings ngrams = ngrams_of(ngram_seed);
        const Strings tokens = tokens_from(text_seed);
        const NgramVocabulary vocabulary(ngrams);
        RC_ASSERT(encode(vocabulary, joined(tokens)) == encode_slowly(ngrams, tokens));
      }));
}

TEST(NgramVocabulary, NumbersInvertStrings) {
  EXPECT_TRUE(rc::check([](const std::vector<uint16_t>& seed) {
    const Strings ngrams = ngrams_of(seed);
    const NgramVocabulary vocabulary(ngrams);
    RC_ASSERT(vocabulary.ngrams() == ngrams);
    for (uint32_t i = 0; i < ngrams.size(); ++i) RC_ASSERT(vocabulary.find(ngrams[i]) == i);
    RC_ASSERT(vocabulary.find("a b c d a") == NgramVocabulary::kNotFound);
    RC_ASSERT(vocabulary.find("z") == NgramVocabulary::kNotFound);
  }));
}

TEST(NgramVocabulary, SelectionEqualsBuildingAnew) {
  EXPECT_TRUE(rc::check([](const std::vector<uint16_t>& seed, const std::vector<bool>& keep,
                           const std::vector<uint8_t>& text_seed) {
    const Strings ngrams = ngrams_of(seed);
    std::vector<uint32_t> kept;
    Strings kept_ngrams;
    for (uint32_t i = 0; i < ngrams.size(); ++i) {
      if (i < keep.size() && !keep[i]) continue;
      kept.insert(kept.begin(), i);  // in another order
      kept_ngrams.insert(kept_ngrams.begin(), ngrams[i]);
    }
    const NgramVocabulary selected = NgramVocabulary(ngrams).select(kept);
    const NgramVocabulary built(kept_ngrams);
    const std::string text = joined(tokens_from(text_seed));
    RC_ASSERT(selected.ngrams() == kept_ngrams);
    RC_ASSERT(selected.word_count() == built.word_count());
    RC_ASSERT(selected.max_length() == built.max_length());
    RC_ASSERT(encode(selected, text) == encode(built, text));
  }));
}

TEST(NgramVocabulary, RefusesMalformedNgrams) {
  EXPECT_THROW(NgramVocabulary(Strings{"a", "b", "a"}), Error);
  EXPECT_THROW(NgramVocabulary(Strings{""}), Error);
  EXPECT_THROW(NgramVocabulary(Strings{"a "}), Error);
  EXPECT_THROW(NgramVocabulary(Strings{" a"}), Error);
  EXPECT_THROW(NgramVocabulary(Strings{"a  b"}), Error);
  std::string longest = "w";
  for (uint32_t i = 1; i < NgramVocabulary::kMaxLength; ++i) longest += " w";
  EXPECT_EQ(encode(NgramVocabulary(Strings{longest}), longest), (std::vector<uint32_t>{0}));
  EXPECT_THROW(NgramVocabulary(Strings{longest + " w"}), Error);
}

}  // namespace
}  // namespace ockham
