#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "ockham/train/prepare.hpp"
#include "tests/train/synthetic_corpus.hpp"

// What settings are where the user left them to the data.

namespace ockham {
namespace {

TEST(ResolveSettings, ManyClassesAndManyUnitsStartWithLessNoise) {
  const auto log_sigma = [](size_t classes, bool by_size, size_t hidden = 0) {
    std::string tsv;
    for (size_t c = 0; c < classes; ++c) {
      tsv += "c" + std::to_string(c) + "\ta\nc" + std::to_string(c) + "\tb\n";
    }
    TrainSettings settings;
    settings.log_sigma_by_size = by_size;
    settings.hidden = hidden;
    return resolve_settings(settings, dataset_of(tsv)).method.initial_log_sigma;
  };
  EXPECT_EQ(log_sigma(2, true), -1.0);
  EXPECT_EQ(log_sigma(50, true), -1.0);
  EXPECT_EQ(log_sigma(51, true), -3.0);
  EXPECT_EQ(log_sigma(51, false), -1.0);
  EXPECT_EQ(log_sigma(2, true, 32), -1.0);
  EXPECT_EQ(log_sigma(2, true, 33), -3.0);
  EXPECT_EQ(log_sigma(2, false, 33), -1.0);
}

TEST(ResolveSettings, FillsInWhatTheDataDecideAndKeepsTheRest) {
  for (const char* tsv : {"a\tx\nb\ty\n", "a\tx\nb\ty\nc\tz\n"}) {
    const Dataset dataset = dataset_of(tsv);
    const TrainSettings filled = resolve_settings({}, dataset);
    EXPECT_GT(filled.min_count, 0u);
    EXPECT_GT(filled.candidates, 0u);
    EXPECT_GT(filled.validation, 0.0);
    EXPECT_LT(filled.validation, 1.0);
    EXPECT_GT(filled.embedding, 0u);
    EXPECT_GT(filled.hidden, 0u);
    EXPECT_GT(filled.dense_steps, 0u);
    EXPECT_EQ(filled.dense_rate, 0.003);
    EXPECT_GT(filled.epochs, 0u);
    const DropoutSchedule two_classes{0.5, 0.5}, more{0.3, 0.3};
    EXPECT_EQ(filled.dropout, dataset.classes.size() == 2 ? two_classes : more);
    EXPECT_EQ(filled.fine_tune_dropout, filled.dropout);
    TrainSettings given;
    given.min_count = 7;
    given.candidates = 8;
    given.validation = 0.33;
    given.embedding = 9;
    given.hidden = 10;
    given.dense_steps = 11;
    given.dense_rate = 0.5;
    given.epochs = 12;
    const TrainSettings kept = resolve_settings(given, dataset);
    EXPECT_EQ(kept.min_count, 7u);
    EXPECT_EQ(kept.candidates, 8u);
    EXPECT_EQ(kept.validation, 0.33);
    EXPECT_EQ(kept.embedding, 9u);
    EXPECT_EQ(kept.hidden, 10u);
    EXPECT_EQ(kept.dense_steps, 11u);
    EXPECT_EQ(kept.dense_rate, 0.5);
    EXPECT_EQ(kept.epochs, 12u);
  }
}

TEST(ResolveSettings, LargeCorporaGetLongerNgramsAndRareClassesMoreToChooseBy) {
  const auto corpus = [](size_t usual, size_t rare, size_t bytes) {
    std::string tsv;
    for (size_t i = 0; i < usual + rare; ++i) {
      tsv += (i < rare ? "rare\t" : "usual\t") + std::string(bytes, 'x') + "\n";
    }
    return dataset_of(tsv);
  };
  const TrainSettings small = resolve_settings({}, corpus(9'000, 900, 10));
  EXPECT_EQ(small.ngram_length, 2u);
  EXPECT_EQ(small.naive_bayes, 0.8);
  EXPECT_EQ(small.validation, 0.1);
  EXPECT_EQ(small.fine_tune_rate, 5e-3);
  const TrainSettings large = resolve_settings({}, corpus(9'000, 1'000, 600));
  EXPECT_EQ(large.ngram_length, 3u);
  EXPECT_EQ(large.naive_bayes, 0.4);
  EXPECT_EQ(large.validation, 0.05);
  EXPECT_EQ(large.fine_tune_rate, 8e-3);
  TrainSettings given;
  given.fine_tune_rate = 1e-3;
  EXPECT_EQ(resolve_settings(given, corpus(9'000, 1'000, 600)).fine_tune_rate, 1e-3);
  EXPECT_EQ(resolve_settings({}, corpus(9'100, 900, 600)).validation, 0.1);
}

TEST(ResolveSettings, MuchTextOfTwoClassesHasWordDropoutThatFalls) {
  const auto corpus = [](size_t texts, const std::vector<std::string>& classes) {
    std::string tsv;
    for (size_t i = 0; i < texts; ++i) {
      tsv += classes[i % classes.size()] + "\t" + std::string(400, 'x') + "\n";
    }
    return dataset_of(tsv);
  };
  const Dataset much = corpus(14'000, {"a", "b"});  // 110 steps of 128 texts an epoch
  const TrainSettings usual = resolve_settings({}, much);
  EXPECT_EQ(usual.dropout, (DropoutSchedule{0.8, 0.4}));
  EXPECT_EQ(usual.fine_tune_dropout, (DropoutSchedule{0.75, 0.4}));
  EXPECT_EQ(usual.epochs, 40u);

  TrainSettings given;
  given.dropout = {0.5, 0.5};
  EXPECT_EQ(resolve_settings(given, much).dropout, given.dropout);
  EXPECT_EQ(resolve_settings(given, much).fine_tune_dropout, usual.fine_tune_dropout);
  EXPECT_EQ(resolve_settings(given, much).epochs, 50u);

  const TrainSettings three = resolve_settings({}, corpus(14'000, {"a", "b", "c"}));
  EXPECT_EQ(three.dropout, (DropoutSchedule{0.3, 0.3}));
  EXPECT_EQ(three.epochs, 50u);
  TrainSettings nothing_leaves;
  nothing_leaves.method.posterior = "gaussian-dropout:0.25";
  nothing_leaves.method.groups = MethodSettings::GroupPosterior::none;
  EXPECT_EQ(resolve_settings(nothing_leaves, much).dropout, (DropoutSchedule{0.5, 0.5}));
}

TEST(ResolveSettings, WordDropoutOutOfRangeIsRefused) {
  const Dataset dataset = dataset_of("a\tx\nb\ty\n");
  for (const DropoutSchedule bad : {DropoutSchedule{0.5, -1.0}, {-1.0, 0.5}, {1.0, 0.5}}) {
    TrainSettings settings;
    settings.dropout = bad;
    EXPECT_THROW(resolve_settings(settings, dataset), Error);
    settings.dropout = {};
    settings.fine_tune_dropout = bad;
    EXPECT_THROW(resolve_settings(settings, dataset), Error);
  }
}

}  // namespace
}  // namespace ockham
