#include "ockham/train/training_set.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "ockham/train/measure.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

using Ids = std::vector<uint32_t>;

TrainingSet set_of(const Dataset& dataset, const Ids& indices) {
  EncodedCorpus corpus;
  for (const uint32_t i : indices) {
    corpus.ids.push_back(i);
    corpus.offsets.push_back(corpus.ids.size());
  }
  return make_training_set(dataset, indices, corpus);
}

/// Texts of these lengths, token i of every text is word i; text k is number first + k.
TrainingSet set_of_lengths(const std::vector<size_t>& lengths, uint32_t first = 0) {
  TrainingSet set;
  for (uint32_t k = 0; k < lengths.size(); ++k) {
    for (uint32_t i = 0; i < lengths[k]; ++i) set.corpus.ids.push_back(i);
    set.corpus.offsets.push_back(set.corpus.ids.size());
    set.texts.push_back(first + k);
  }
  return set;
}

Ids tokens(const TokenBatch& batch, size_t sequence) {
  return {batch.words.begin() + batch.offsets[sequence],
          batch.words.begin() + batch.offsets[sequence + 1]};
}

TEST(TrainingSet, TargetsAreTheLabels) {
  const TrainingSet yes_no = set_of(dataset_of("b\tx\na\ty\nb\tz\n"), {0, 1, 2});
  EXPECT_EQ(yes_no.labels.ids, (Ids{1, 0, 1}));
  expect_close(targets_of(yes_no, Ids{0, 1, 2}, 1), std::vector<double>{1, 0, 1}, 0.0, "one");
  const TrainingSet one_of_three = set_of(dataset_of("b\tx\na\ty\nc\tz\n"), {0, 1, 2});
  EXPECT_EQ(one_of_three.labels.ids, (Ids{1, 0, 2}));
  expect_close(targets_of(one_of_three, Ids{2, 0}, 3), std::vector<double>{0, 0, 1, 0, 1, 0}, 0.0,
               "three");
  EXPECT_EQ(one_of_three.weights, (std::vector<float>{1, 1, 1}));
}

TEST(TrainingSet, ATextMayHaveAnyNumberOfLabels) {
  Dataset dataset = dataset_of("a\tx\nb\ty\nc\tz\n");
  dataset.label_ids = {0, 2, 1};  // of the first text, none of the second, of the third
  dataset.label_offsets = {0, 2, 2, 3};
  const TrainingSet set = set_of(dataset, {0, 1, 2});
  expect_close(targets_of(set, Ids{0, 1, 2}, 3), std::vector<double>{1, 0, 1, 0, 0, 0, 0, 1, 0},
               0.0, "targets");
}

TEST(TrainingSet, SoftTargetsStandForLabels) {
  TrainingSet set = set_of(dataset_of("b\tx\na\ty\nc\tz\n"), {0, 1, 2});
  set.soft = {kNoSoftTarget, 1, 0};
  set.soft_targets = {0.5f, 0.3f, 0.2f, 0.1f, 0.0f, 0.9f};
  for (const TrainingSet& same : {set, with_words(set, Ids{0, 2}, 3)}) {
    expect_close(targets_of(same, Ids{1, 0, 2}, 3),
                 std::vector<double>{0.1, 0, 0.9, 0, 1, 0, 0.5, 0.3, 0.2}, 1e-6, "targets");
  }
}

TEST(TrainingSet, WeightsHaveMeanOne) {
  Dataset dataset = dataset_of("a\tx\nb\ty\na\tz\n");
  dataset.weights = {2.0f, 100.0f, 6.0f};
  EXPECT_EQ(set_of(dataset, {0, 2}).weights, (std::vector<float>{0.5f, 1.5f}));
}

TEST(TrainingSet, WeightsAreAsGivenBesideMadeUpTexts) {
  Dataset dataset = dataset_of("a\tx\na\ty\n");
  dataset.weights = {30.0f, 30.0f};
  EncodedCorpus corpus;
  corpus.offsets = {0, 0, 0};
  EXPECT_EQ(make_training_set(dataset, Ids{0, 1}, corpus, WeightScale::one).weights,
            (std::vector<float>{30.0f, 30.0f}));
}

TEST(TrainingSet, OfSomeTextsKeepsTheirNumbers) {
  const TrainingSet set = set_of(dataset_of("b\tx\na\ty\nb\tz\na\tw\n"), {1, 2});
  EXPECT_EQ(set.size(), 2u);
  EXPECT_EQ(set.texts, (Ids{1, 2}));
  EXPECT_EQ(set.labels.ids, (Ids{0, 1}));
}

TEST(MakeBatch, WithoutDropoutTakesTheTextsAsTheyAre) {
  const TrainingSet set = set_of_lengths({3, 0, 2}, 40);
  const PhiloxNoise noise(1, 1);
  for (const TokenBatch& batch : {make_batch(set, Ids{2, 0, 1}, 0.0f, &noise),
                                  make_batch(set, Ids{2, 0, 1}, 0.7f, nullptr)}) {
    EXPECT_EQ(batch.words, (Ids{0, 1, 0, 1, 2}));
    EXPECT_EQ(batch.offsets, (Ids{0, 2, 5, 5}));
    EXPECT_EQ(batch.texts, (Ids{42, 40, 41}));
  }
}

TEST(WordDropout, RemovesTheGivenShareAndKeepsTheOrder) {
  constexpr size_t kTexts = 400, kLength = 50;
  const TrainingSet set = set_of_lengths(std::vector<size_t>(kTexts, kLength));
  const PhiloxNoise noise(3, 9);
  for (const float rate : {0.1f, 0.5f, 0.7f}) {
    const TokenBatch batch = make_batch(set, all_indices(kTexts), rate, &noise);
    const double n = kTexts * kLength;
    const double kept = static_cast<double>(batch.words.size()) / n;
    EXPECT_NEAR(kept, 1.0 - rate, 4.0 * std::sqrt(rate * (1.0 - rate) / n));
    for (size_t b = 0; b < batch.size(); ++b) {
      const Ids words = tokens(batch, b);
      EXPECT_TRUE(std::is_sorted(words.begin(), words.end()));
    }
  }
  EXPECT_TRUE(make_batch(set, all_indices(kTexts), 1.0f, &noise).words.empty());
}

TEST(WordDropout, LeavesWholeTextsWhole) {
  TrainingSet set = set_of_lengths({20, 20, 20});
  set.first_whole = 1;
  const PhiloxNoise noise(3, 9);
  for (const TrainingSet& copy : {set, with_words(set, all_indices(20), 20)}) {
    const TokenBatch batch = make_batch(copy, Ids{2, 0, 1}, 0.5f, &noise);
    EXPECT_EQ(tokens(batch, 0), all_indices(20));
    EXPECT_LT(tokens(batch, 1).size(), 20u);
    EXPECT_EQ(tokens(batch, 2), all_indices(20));
  }
}

TEST(WordDropout, EveryPositionIsAsLikely) {
  constexpr size_t kTexts = 2000, kLength = 6;
  const TrainingSet set = set_of_lengths(std::vector<size_t>(kTexts, kLength));
  const PhiloxNoise noise(3, 9);
  std::vector<size_t> kept(kLength);
  for (const uint32_t w : make_batch(set, all_indices(kTexts), 0.4f, &noise).words) ++kept[w];
  for (const size_t count : kept) {
    EXPECT_NEAR(static_cast<double>(count) / kTexts, 0.6, 4.0 * std::sqrt(0.24 / kTexts));
  }
}

TEST(WordDropout, DependsOnTheTextsNumberNotOnTheBatch) {
  const TrainingSet set = set_of_lengths({40, 40, 30, 40});
  const PhiloxNoise noise(5, 2);
  const TokenBatch together = make_batch(set, Ids{0, 1, 2, 3}, 0.5f, &noise);
  const TokenBatch turned = make_batch(set, Ids{3, 2}, 0.5f, &noise);
  EXPECT_EQ(tokens(turned, 0), tokens(together, 3));
  EXPECT_EQ(tokens(turned, 1), tokens(together, 2));
  // The same words under another number lose others.
  EXPECT_NE(tokens(together, 0), tokens(together, 1));
  // The place in the set does not matter, only the number in the file.
  const TrainingSet rest = set_of_lengths({40, 30}, 1);
  EXPECT_EQ(tokens(make_batch(rest, Ids{0}, 0.5f, &noise), 0), tokens(together, 1));
}

TEST(WordDropout, LeavesLastingWordsAlone) {
  constexpr size_t kTexts = 400, kLength = 6;
  TrainingSet set = set_of_lengths(std::vector<size_t>(kTexts, kLength));
  set.lasting = {0, 0, 1, 0, 0, 1};
  const PhiloxNoise noise(3, 9);
  const auto counts = [&](float rate, size_t words) {
    std::vector<size_t> kept(words);
    for (const uint32_t w : make_batch(set, all_indices(kTexts), rate, &noise).words) ++kept[w];
    return kept;
  };
  EXPECT_EQ(counts(1.0f, kLength), (std::vector<size_t>{0, 0, kTexts, 0, 0, kTexts}));
  EXPECT_NEAR(static_cast<double>(counts(0.4f, kLength)[1]) / kTexts, 0.6, 0.1);
  // They keep their mark when other words have gone.
  keep_words(set, Ids{2, 3, 4}, kLength);
  EXPECT_EQ(counts(1.0f, 3), (std::vector<size_t>{kTexts, 0, 0}));
}

TEST(GuessScore, IsThatOfTheMostFrequentLabelForEveryText) {
  const TrainingSet set = set_of(dataset_of("a\tx\nb\ty\nb\tz\nc\tw\n"), {0, 1, 2, 3});
  EXPECT_EQ(guess_score(set.labels, 3, Criterion::accuracy), 0.5);
  LabelLists labels;  // b is right for 3 of 4 texts, where 5 labels are
  for (const Ids& of_text : {Ids{0, 1}, Ids{1}, Ids{}, Ids{1, 2}}) labels.add(of_text);
  EXPECT_DOUBLE_EQ(guess_score(labels, 3, Criterion::micro_f1), 2.0 * 3 / (4 + 5));
  EXPECT_DOUBLE_EQ(guess_score(labels, 3, Criterion::accuracy), 0.25);  // every set is there once
  // Two labels that nearly all texts have are better given both.
  LabelLists frequent;
  for (const Ids& of_text : {Ids{0, 1}, Ids{0, 1}, Ids{0, 1}, Ids{0}}) frequent.add(of_text);
  EXPECT_DOUBLE_EQ(guess_score(frequent, 2, Criterion::micro_f1), 2.0 * 7 / (8 + 7));
}

TEST(WordDropout, IsRepeatedBySeedAndStep) {
  const TrainingSet set = set_of_lengths({60});
  const auto drop = [&](uint64_t seed, uint32_t step) {
    const PhiloxNoise noise(seed, step);
    return make_batch(set, Ids{0}, 0.5f, &noise).words;
  };
  EXPECT_EQ(drop(1, 7), drop(1, 7));
  EXPECT_NE(drop(1, 7), drop(1, 8));
  EXPECT_NE(drop(1, 7), drop(2, 7));
}

}  // namespace
}  // namespace ockham
