#include "ockham/compress/hashing.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "ockham/tensor/error.hpp"
#include "ockham/text/encoded_corpus.hpp"
#include "ockham/text/utf8.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "tests/compress/random_classifier.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

/// Random texts of w0 .. w999.
Dataset random_texts(std::mt19937& random, size_t texts) {
  Dataset dataset;
  for (size_t i = 0; i < texts; ++i) {
    std::string text;
    for (int k = 0; k < 30; ++k) text += "w" + std::to_string(random() % 1000) + " ";
    dataset.arena.append(std::span<const char>(text));
    dataset.text_offsets.push_back(dataset.arena.size());
    dataset.lines.push_back(i + 1);
  }
  return dataset;
}

FoldedModel model_of(const std::vector<std::string>& ngrams) {
  std::mt19937 random(1);
  const NetworkShape shape = small_shape(ngrams.size(), 2, OutputKind::softmax, 2);
  return fold(make_classifier(random_network(random, shape), shape, 2, ngrams));
}

std::vector<std::string> some_ngrams(size_t count) {
  std::vector<std::string> ngrams = numbered("w", count);
  for (size_t i = 0; i < count; i += 2) ngrams.push_back("w" + std::to_string(i) + " w1");
  return ngrams;
}

TEST(FitHash, CountsWhatTheTextsHold) {
  std::mt19937 random(2);
  const Dataset texts = random_texts(random, 200);
  const FoldedModel model = model_of(some_ngrams(40));
  const NgramHashes counts = count_ngram_hashes(texts, *model.tokenizer, 2);
  const HashFit fit = fit_hash(model, counts, 12);
  // By encoding the texts with both vocabularies.
  const auto known = [&](const Vocabulary& vocabulary) {
    return encode_corpus(texts, all_indices(texts.size()), *model.tokenizer, vocabulary).ids.size();
  };
  const FoldedModel hashed = hash_ngrams(model, fit.hashing);
  EXPECT_EQ(fit.hashing.bits, 12u);
  EXPECT_EQ(fit.hashing.max_length, 2u);
  EXPECT_EQ(fit.hits, known(model.vocabulary));
  EXPECT_EQ(fit.hits + fit.false_hits, known(hashed.vocabulary));
  EXPECT_GT(fit.false_hits, 0u);
  EXPECT_EQ(hashed.vocabulary.size(), model.vocabulary.size() - fit.merged);
}

TEST(CountHits, TakesTheMostFrequentOfABucketForTheKeptOne) {
  const NgramHashing hashing{8, 0, 1};
  std::vector<uint64_t> same;  // three n-grams of bucket 5
  for (uint64_t hash = 0; same.size() < 3; ++hash) {
    if (hashing.bucket(hash) == 5) same.push_back(hash);
  }
  uint64_t other = 0, unknown = 0;
  while (hashing.bucket(other) != 9) ++other;
  while (hashing.bucket(unknown) != 77) ++unknown;
  NgramHashes texts{{same[0], same[1], same[2], other, unknown}, {3, 8, 2, 4, 50}};
  const std::vector<uint32_t> buckets = {5, 9, 200};
  const HashFit fit = count_hits(HashedVocabulary(hashing, buckets), texts);
  EXPECT_EQ(fit.hits, 12u);
  EXPECT_EQ(fit.false_hits, 5u);
  EXPECT_EQ(fit.hashing, hashing);
}

TEST(FitHash, TakesASeedThatIsBetterThanMost) {
  std::mt19937 random(3);
  const FoldedModel model = model_of(some_ngrams(40));
  const NgramHashes counts = count_ngram_hashes(random_texts(random, 200), *model.tokenizer, 2);
  const HashFit fit = fit_hash(model, counts, 12);
  size_t merged_by_more = 0;
  for (uint32_t seed = 0; seed < 64; ++seed) {
    const FoldedModel hashed = hash_ngrams(model, {12, seed, 2});
    EXPECT_GE(model.vocabulary.size() - hashed.vocabulary.size(), fit.merged);
    merged_by_more += model.vocabulary.size() - hashed.vocabulary.size() > fit.merged;
  }
  EXPECT_GT(merged_by_more, 0u);
}

TEST(FitHash, TakesNoSeedByWhichOthersAreKnown) {
  std::mt19937 random(5);
  const FoldedModel model = model_of(some_ngrams(200));
  const NgramHashes counts = count_ngram_hashes(random_texts(random, 50), *model.tokenizer, 2);
  const std::string other(kOtherToken), others = other + " " + other;
  for (uint32_t bits = 10; bits < 16; ++bits) {
    const FoldedModel hashed = hash_ngrams(model, fit_hash(model, counts, bits).hashing);
    EXPECT_EQ(hashed.vocabulary.find(other), Vocabulary::kNotFound);
    EXPECT_EQ(hashed.vocabulary.find(others), Vocabulary::kNotFound);
  }
}

TEST(FitHash, TakesAsFewBitsAsTheTextsAllow) {
  std::mt19937 random(4);
  const FoldedModel model = model_of(some_ngrams(40));
  const NgramHashes counts = count_ngram_hashes(random_texts(random, 200), *model.tokenizer, 2);
  const HashFit fit = fit_hash(model, counts, std::nullopt);
  const auto share = [](const HashFit& f) {
    return static_cast<double>(f.false_hits) / static_cast<double>(f.hits);
  };
  EXPECT_LE(share(fit), kFalseHitShare);
  EXPECT_EQ(fit.merged, 0u);
  ASSERT_GT(fit.hashing.bits, 14u);
  const HashFit fewer = fit_hash(model, counts, fit.hashing.bits - 1);
  EXPECT_TRUE(share(fewer) > kFalseHitShare || fewer.merged > 0);
  EXPECT_EQ(fit_hash(model, {}, std::nullopt).hashing.bits, 24u);
}

TEST(FitHash, BitsThatMergeAreNoChoice) {
  std::mt19937 random(4);
  const FoldedModel model = model_of(some_ngrams(700));
  const NgramHashes counts = count_ngram_hashes(random_texts(random, 20), *model.tokenizer, 2);
  const HashFit fit = fit_hash(model, counts, std::nullopt);
  EXPECT_EQ(fit.merged, 0u);
  ASSERT_GT(fit.hashing.bits, 15u);
  bool merging = false;
  for (uint32_t bits = 14; bits < fit.hashing.bits; ++bits) {
    const HashFit fewer = fit_hash(model, counts, bits);
    const auto allowed = kFalseHitShare * static_cast<double>(fewer.hits);
    EXPECT_TRUE(fewer.merged > 0 || static_cast<double>(fewer.false_hits) > allowed) << bits;
    merging = merging || fewer.merged > 0;
  }
  EXPECT_TRUE(merging);
}

// Texts without other n-grams show no false hits at all, of however few bits.
TEST(FitHash, MergesNothingHoweverFewTheFalseHitsAre) {
  const FoldedModel model = model_of(numbered("w", 2'000));
  const NgramHashes texts{.hashes = {hash_ngram("w0")}, .counts = {1}, .all = true};
  const HashFit fit = fit_hash(model, texts, std::nullopt);
  EXPECT_EQ(fit.merged, 0u);
  EXPECT_EQ(fit.hits, 1u);
  EXPECT_LT(fit.hashing.bits, 24u);
}

TEST(HashNgrams, KeepsTheRowsOfTheirNgrams) {
  const FoldedModel model = model_of(some_ngrams(20));
  const FoldedModel hashed = hash_ngrams(model, {24, 5, 2});
  for (uint32_t id = 0; id < model.vocabulary.size(); ++id) {
    const uint32_t row = hashed.vocabulary.find(model.vocabulary.ngram(id));
    ASSERT_NE(row, Vocabulary::kNotFound);
    EXPECT_TRUE(std::ranges::equal(hashed.embedding.view().row_span(row),
                                   model.embedding.view().row_span(id)));
  }
  EXPECT_NO_THROW(check_folded(hashed));
  EXPECT_THROW(hash_ngrams(hashed, {24, 5, 2}), Error);
  EXPECT_THROW(fit_hash(hashed, {}, 20), Error);
}

TEST(HashNgrams, TellsTheTokenizerOfTheNgramsCharacters) {
  const FoldedModel hashed = hash_ngrams(model_of({"caf\u00E9", "good \u2014"}), {24, 5, 2});
  EXPECT_EQ(dynamic_cast<const WordTokenizer&>(*hashed.tokenizer).characters(), U"\u00E9\u2014");
}

// However few the buckets are, words of other scripts hit none but those of "<other>".
TEST(HashNgrams, OtherCharactersHitNothing) {
  const FoldedModel hashed = hash_ngrams(model_of(some_ngrams(200)), {10, 0, 2});
  std::string text, plain;
  for (char32_t c = 0x4E00; c < 0x4E00 + 3000; ++c) {
    append_utf8(c, text);
    text += ' ';
    plain += "x" + std::to_string(c) + " ";
  }
  const auto known = [&](const std::string& of) {
    const Dataset texts = dataset_of("a\t" + of + "\n");
    const EncodedCorpus corpus =
        encode_corpus(texts, all_indices(1), *hashed.tokenizer, hashed.vocabulary);
    return std::set<uint32_t>(corpus.ids.begin(), corpus.ids.end()).size();
  };
  EXPECT_GT(known(plain), 50u);
  EXPECT_LE(known(text), 2u);
}

TEST(HashNgrams, OfThoseThatShareABucketTheStrongestStays) {
  FoldedModel model = model_of(numbered("w", 600));  // more than 2^8 buckets
  for (uint32_t id = 0; id < 600; ++id) model.embedding(id, 0) = static_cast<float>(10 + id);
  const FoldedModel hashed = hash_ngrams(model, {8, 0, 1});
  EXPECT_LE(hashed.vocabulary.size(), 256u);
  for (uint32_t id = 0; id < 600; ++id) {
    EXPECT_GE(hashed.embedding(hashed.vocabulary.find(model.vocabulary.ngram(id)), 0) + 20.0f,
              model.embedding(id, 0));
  }
}

}  // namespace
}  // namespace ockham
