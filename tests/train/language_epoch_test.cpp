#include "ockham/train/language_epoch.hpp"

#include <gtest/gtest.h>

#include "ockham/tensor/error.hpp"

// A pass of a language model over texts.

namespace ockham {
namespace {

constexpr uint32_t kLanguageWords = 10;

/// Texts in which word w + 1 follows word w, and 0 the last one.
EncodedCorpus counting_texts(size_t texts) {
  EncodedCorpus corpus;
  for (uint32_t i = 0; i < texts; ++i) {
    for (uint32_t t = 0; t < 5 + i % 20; ++t) corpus.ids.push_back((i + t) % kLanguageWords);
    corpus.offsets.push_back(corpus.ids.size());
  }
  return corpus;
}

Network fresh_network() {
  return make_network(
      {.words = kLanguageWords, .embedding = 8, .hidden = 8, .outputs = 2, .groups = {}}, 1);
}

struct Trained {
  std::vector<double> losses;
  Network network;
  uint32_t step = 0;
};

Trained trained(const EncodedCorpus& texts, size_t epochs, float rate) {
  Trained run{.losses = {}, .network = fresh_network()};
  Optimizer optimizer(run.network);
  ThreadPool pool;
  for (size_t e = 0; e < epochs; ++e) {
    EpochSettings settings;
    settings.batch = 16;
    settings.optimizer.learning_rate = rate;
    settings.epoch = e;
    run.losses.push_back(
        run_language_epoch(run.network, optimizer, texts, settings, run.step, pool));
  }
  return run;
}

TEST(LanguageEpoch, LearnsWhatFollowsWhat) {
  const Trained learned = trained(counting_texts(200), 60, 0.02f);
  EXPECT_GT(learned.losses.front(), 2.0);
  EXPECT_LT(learned.losses.back(), 0.2);
  EXPECT_EQ(learned.step, 60u * 13u);
  // What the classifier puts on top is not the language model's affair.
  EXPECT_EQ(learned.network.output_weight.mean, fresh_network().output_weight.mean);
}

TEST(LanguageEpoch, TakesEachStepAtItsOwnRate) {
  Network network = fresh_network();
  Optimizer optimizer(network);
  ThreadPool pool;
  uint32_t step = 0;
  EpochSettings settings;
  settings.batch = 16;
  std::vector<size_t> asked;
  settings.rate_factor = [&](size_t batch) {
    asked.push_back(batch);
    return 0.0;
  };
  run_language_epoch(network, optimizer, counting_texts(40), settings, step, pool);
  EXPECT_EQ(asked, (std::vector<size_t>{0, 1, 2}));
  EXPECT_EQ(network.embedding.mean, fresh_network().embedding.mean);
}

TEST(LanguageEpoch, IsTheSameAgain) {
  const Trained a = trained(counting_texts(50), 3, 0.02f);
  const Trained b = trained(counting_texts(50), 3, 0.02f);
  EXPECT_EQ(a.losses, b.losses);
  EXPECT_EQ(a.network.embedding.mean, b.network.embedding.mean);
  EXPECT_NE(a.network.embedding.mean, fresh_network().embedding.mean);
}

TEST(LanguageEpoch, TakesTextsWithoutWords) {
  EncodedCorpus texts;
  texts.offsets.push_back(0);
  EXPECT_EQ(trained(texts, 1, 0.02f).losses.front(), 0.0);
}

TEST(LanguageEpoch, SaysWhereItLeftTheNumbers) {
  try {
    trained(counting_texts(200), 10, 1e30f);
    FAIL() << "a loss that is no number was taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("learning rate"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace ockham
