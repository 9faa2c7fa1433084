#include "ockham/train/epoch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ockham/nn/network_pass.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/sample_network.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

constexpr uint32_t kWords = 9;

Network network(OutputKind output = OutputKind::sigmoid) {
  NetworkShape s;
  s.words = kWords;
  s.embedding = 3;
  s.hidden = 2;
  s.output = output;
  s.outputs = output == OutputKind::sigmoid ? 1 : 2;
  s.groups = {.vocabulary = true, .units = true, .gates = true};
  return sample_network(s, 1);
}

/// Texts of these lengths out of the words below `words`, with labels 0, 1, 1, 0, 1, 1, ...
TrainingSet sample_set(const std::vector<size_t>& lengths, uint32_t words = kWords) {
  const TokenBatch batch = sample_batch(lengths, words, 5);
  TrainingSet set;
  set.corpus.ids.append(batch.words);
  set.corpus.offsets.assign(batch.offsets.begin(), batch.offsets.end());
  set.texts = batch.texts;
  set.weights.assign(lengths.size(), 1.0f);
  for (size_t i = 0; i < lengths.size(); ++i) {
    set.labels.add(std::vector<uint32_t>{i % 3 == 0 ? 0u : 1u});
  }
  return set;
}

double loss_in_one_pass(const Network& net, const TrainingSet& set) {
  ThreadPool pool;
  const TokenBatch batch = make_batch(set, all_indices(set.size()), 0.0f, nullptr);
  const NetworkPass pass(net, batch, nullptr, pool);
  Matrix gradient(set.size(), pass.logits().cols());
  const Matrix targets = targets_of(set, all_indices(set.size()), gradient.cols());
  return cross_entropy(net.output, pass.logits(), targets, set.weights, gradient);
}

EpochSettings standing_still(size_t batch) {
  EpochSettings settings;
  settings.optimizer.learning_rate = 0.0f;
  settings.batch = batch;
  return settings;
}

TEST(RunEpoch, ReturnsTheMeanLossWhateverTheBatchSize) {
  const std::vector<size_t> lengths{5, 0, 3, 12, 1, 7, 7};
  ThreadPool pool;
  for (const OutputKind kind : {OutputKind::sigmoid, OutputKind::softmax}) {
    Network net = network(kind);
    TrainingSet set = sample_set(lengths);
    const double expected = loss_in_one_pass(net, set);
    for (const size_t batch : {1, 2, 3, 7, 50}) {
      Optimizer optimizer(net);
      uint32_t step = 0;
      EXPECT_NEAR(run_epoch(net, optimizer, set, standing_still(batch), step, pool), expected,
                  1e-6);
      EXPECT_EQ(step, (lengths.size() + batch - 1) / batch);
      EXPECT_EQ(optimizer.steps(), step);
    }
  }
}

TEST(RunEpoch, TheLossIsTheWeightedMeanWhateverTheBatchSize) {
  Network net = network();
  TrainingSet set = sample_set({5, 2, 3, 4, 1, 6});
  set.weights = {0.2f, 3.0f, 0.5f, 1.3f, 0.4f, 0.6f};  // of mean 1
  ThreadPool pool;
  const double expected = loss_in_one_pass(net, set);
  for (const size_t batch : {1, 2, 4, 6}) {
    Optimizer optimizer(net);
    uint32_t step = 0;
    EXPECT_NEAR(run_epoch(net, optimizer, set, standing_still(batch), step, pool), expected, 1e-6);
  }
  set.weights.assign(6, 1.0f);
  EXPECT_GT(std::abs(loss_in_one_pass(net, set) - expected), 1e-3);
}

TEST(RunEpoch, TheLossFalls) {
  Network net = network();
  const TrainingSet set = sample_set({5, 2, 3, 4, 8, 1, 9, 6});
  Optimizer optimizer(net);
  ThreadPool pool;
  EpochSettings settings;
  settings.optimizer.learning_rate = 0.02f;
  settings.batch = 4;
  uint32_t step = 0;
  const double first = run_epoch(net, optimizer, set, settings, step, pool);
  double last = first;
  for (settings.epoch = 1; settings.epoch < 30; ++settings.epoch) {
    last = run_epoch(net, optimizer, set, settings, step, pool);
  }
  EXPECT_LT(last, 0.5 * first);
}

TEST(RunEpoch, ALossThatIsNoNumberEndsTheRun) {
  for (const float poison :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Network net = network();
    net.output_bias.mean(0, 0) = poison;
    const TrainingSet set = sample_set({5, 2, 3, 4});
    Optimizer optimizer(net);
    ThreadPool pool;
    uint32_t step = 17;
    const std::string message =
        message_of([&] { run_epoch(net, optimizer, set, standing_still(2), step, pool); });
    EXPECT_NE(message.find("the loss became "), std::string::npos) << message;
    EXPECT_NE(message.find("at step 17; try a lower learning rate"), std::string::npos) << message;
  }
}

/// How far one epoch's KL moves the embedding of the words that occur in no text. Without momentum
/// and with an epsilon that drowns the second moment, Adam's step is proportional to the gradient.
std::vector<double> kl_movement(const std::vector<size_t>& lengths, size_t batch, double scale) {
  constexpr uint32_t kUsed = 4;
  Network net = network();
  const Matrix before = net.embedding.mean;
  const TrainingSet set = sample_set(lengths, kUsed);
  Optimizer optimizer(net);
  ThreadPool pool;
  EpochSettings settings;
  settings.optimizer = {.learning_rate = 10.0f, .beta1 = 0.0f, .beta2 = 0.0f, .epsilon = 1e6f};
  settings.batch = batch;
  settings.kl_scale = [=](size_t) { return scale; };
  uint32_t step = 0;
  run_epoch(net, optimizer, set, settings, step, pool);
  std::vector<double> moved;
  for (size_t i = kUsed * before.cols(); i < before.size(); ++i) {
    moved.push_back(double{net.embedding.mean.values()[i]} - before.values()[i]);
  }
  return moved;
}

TEST(KlWeight, DoesNotDependOnTheTextsLength) {
  const auto shorter = kl_movement(std::vector<size_t>(8, 2), 8, 50.0);
  EXPECT_EQ(kl_movement(std::vector<size_t>(8, 40), 8, 50.0), shorter);
  EXPECT_EQ(kl_movement({0, 1, 2, 3, 4, 5, 60, 7}, 8, 50.0), shorter);
  for (const double move : shorter) EXPECT_NE(move, 0.0);
}

TEST(KlWeight, OfAStepIsTheScaleOverTheNumberOfTexts) {
  const std::vector<size_t> eight(8, 3);
  const auto once = kl_movement(eight, 8, 20.0);
  const auto close = [&](const std::vector<double>& moved, double factor) {
    for (size_t i = 0; i < once.size(); ++i) {
      EXPECT_NEAR(moved[i], factor * once[i], 0.02 * std::abs(factor * once[i]) + 1e-7) << i;
    }
  };
  close(kl_movement(eight, 2, 20.0), 4.0);                        // 4 steps
  close(kl_movement(eight, 1, 20.0), 8.0);                        // 8 steps
  close(kl_movement(eight, 8, 40.0), 2.0);                        // twice the scale
  close(kl_movement(std::vector<size_t>(16, 3), 16, 20.0), 0.5);  // twice the texts
}

TEST(RunEpoch, AsksForTheScheduleOfEveryStep) {
  Network net = network();
  const TrainingSet set = sample_set({5, 2, 3, 4, 8});
  Optimizer optimizer(net);
  ThreadPool pool;
  EpochSettings settings;
  settings.batch = 2;
  std::vector<size_t> kl_steps, rate_steps;
  settings.kl_scale = [&](size_t b) {
    kl_steps.push_back(b);
    return 0.1;
  };
  settings.rate_factor = [&](size_t b) {
    rate_steps.push_back(b);
    return 0.0;
  };
  const Matrix before = net.embedding.mean;
  uint32_t step = 100;
  run_epoch(net, optimizer, set, settings, step, pool);
  EXPECT_EQ(kl_steps, (std::vector<size_t>{0, 1, 2}));
  EXPECT_EQ(rate_steps, kl_steps);
  EXPECT_EQ(net.embedding.mean, before);  // a rate of 0
}

TEST(RunEpoch, IsARepeatableFunctionOfSeedStepAndEpoch) {
  const TrainingSet set = sample_set({5, 2, 3, 4, 8, 1, 9, 6, 40, 33, 12});
  const auto train = [&](uint64_t seed, uint32_t step, uint64_t epoch, size_t threads) {
    Network net = network();
    Optimizer optimizer(net);
    ThreadPool pool(threads);
    EpochSettings settings;
    settings.batch = 4;
    settings.word_dropout = 0.3f;
    settings.weight_noise = true;
    settings.seed = seed;
    settings.epoch = epoch;
    settings.kl_scale = [](size_t) { return 0.5; };
    run_epoch(net, optimizer, set, settings, step, pool);
    return net.layers[0].directions[1].weight_hh.spread;
  };
  const Matrix first = train(1, 0, 0, 1);
  EXPECT_EQ(train(1, 0, 0, 1), first);
  EXPECT_EQ(train(1, 0, 0, 2), first);
  EXPECT_EQ(train(1, 0, 0, 3), first);
  EXPECT_NE(train(2, 0, 0, 1), first);
  EXPECT_NE(train(1, 3, 0, 1), first);
  EXPECT_NE(train(1, 0, 1, 1), first);
}

TEST(RunEpoch, PassesThroughAChangedCopyAndMovesTheWeightsThemselves) {
  const TrainingSet set = sample_set({5, 3, 7, 2});
  ThreadPool pool;
  EpochSettings settings;
  settings.batch = 4;
  settings.optimizer.learning_rate = 0.01f;
  const auto step_from = [&](Network net, const std::function<void(Network&)>& change) {
    settings.passes_through = change;
    Optimizer optimizer(net);
    uint32_t step = 0;
    const double loss = run_epoch(net, optimizer, set, settings, step, pool);
    return std::pair(net.embedding.mean, loss);
  };
  const auto double_output = [](Network& net) {
    for (float& w : net.output_weight.mean.values()) w *= 2.0f;
  };
  const Network start = network();
  EXPECT_EQ(step_from(start, [](Network&) {}), step_from(start, nullptr));
  const auto [doubled, loss] = step_from(start, double_output);
  Network changed = start;
  double_output(changed);
  EXPECT_EQ(std::pair(doubled, loss), step_from(changed, nullptr));
  EXPECT_NE(loss, step_from(start, nullptr).second);
}

}  // namespace
}  // namespace ockham
