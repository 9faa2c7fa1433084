#include "ockham/train/rounding.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "ockham/compress/plain_network.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/indices.hpp"
#include "ockham/train/evaluate.hpp"
#include "ockham/train/metrics.hpp"
#include "tests/compress/random_classifier.hpp"

namespace ockham {
namespace {

constexpr size_t kRoundedWords = 40;

/// A model whose few weights have to be exact: 40 n-grams, 4 units a direction.
FoldedModel unrounded_model() {
  std::mt19937 random(7);
  NetworkShape shape = small_shape(kRoundedWords, 4, OutputKind::softmax, 4);
  shape.embedding = 4;
  shape.groups = {};
  shape.poolings = {Pooling::mean};
  Network network = random_network(random, shape, 0.6);
  network.output_bias.mean.fill(0.0f);
  return fold(make_classifier(std::move(network), shape, 4, numbered("word", kRoundedWords)));
}

/// Random texts with the labels that the model gives them.
TrainingSet labelled_by(const FoldedModel& model, size_t texts, uint32_t seed) {
  std::mt19937 random(seed);
  TrainingSet set;
  for (const auto& sequence : random_sequences(random, texts, kRoundedWords, 15)) {
    set.corpus.ids.append(sequence);
    set.corpus.offsets.push_back(set.corpus.ids.size());
  }
  set.texts = counting(texts);
  set.weights.assign(texts, 1.0f);
  ThreadPool pool;
  const Matrix p = predict_set(plain_network(model), set, pool);
  for (size_t i = 0; i < texts; ++i) {
    const auto row = p.view().row_span(i);
    const auto best = std::ranges::max_element(row) - row.begin();
    set.labels.add(std::vector<uint32_t>{static_cast<uint32_t>(best)});
  }
  return set;
}

FoldedModel rounded(const FoldedModel& model, const RoundingSettings& settings,
                    const TrainingSet& set) {
  ThreadPool pool(2);
  return fine_tune_rounded(model, settings, set, pool);
}

class RoundingTo : public testing::TestWithParam<WeightFormat> {};
INSTANTIATE_TEST_SUITE_P(Formats, RoundingTo,
                         testing::Values(WeightFormat::fp32, WeightFormat::fp16, WeightFormat::int8,
                                         WeightFormat::int6, WeightFormat::int5,
                                         WeightFormat::int4),
                         [](const auto& test) {
                           return std::string(weight_format_name(test.param));
                         });

TEST_P(RoundingTo, RoundsOnceAndForAll) {
  Network network = plain_network(unrounded_model());
  const Network exact = network;
  round_network(GetParam(), network);
  Network again = network;
  round_network(GetParam(), again);
  EXPECT_EQ(again.embedding.mean, network.embedding.mean);
  EXPECT_EQ(again.output_weight.mean, network.output_weight.mean);
  const bool changes = GetParam() != WeightFormat::fp32;
  EXPECT_EQ(network.embedding.mean != exact.embedding.mean, changes);
  EXPECT_EQ(network.output_weight.mean != exact.output_weight.mean, changes);
  const RecurrentDirection& direction = *network.directions()[0];
  EXPECT_EQ(direction.weight_hh.mean != exact.directions()[0]->weight_hh.mean, changes);
}

TEST_P(RoundingTo, TrainsWeightsThatTheFormatHoldsAndLeavesNoughtsAlone) {
  const FoldedModel start = unrounded_model();
  const FoldedModel tuned =
      rounded(start, {.format = GetParam(), .epochs = 2, .rate = 1e-2, .dropout = 0.1, .batch = 16},
              labelled_by(start, 100, 1));
  Network network = plain_network(tuned);
  const Network before = network;
  round_network(GetParam(), network);
  EXPECT_EQ(network.embedding.mean, before.embedding.mean);
  EXPECT_EQ(network.directions()[0]->weight_ih.mean, before.directions()[0]->weight_ih.mean);
  size_t changed = 0;
  for (size_t i = 0; i < start.embedding.size(); ++i) {
    const float from = start.embedding.values()[i], to = tuned.embedding.values()[i];
    EXPECT_TRUE(from != 0.0f || to == 0.0f);
    changed += from != to ? 1 : 0;
  }
  EXPECT_GT(changed, 50u);
}

/// The mean negative log-likelihood of the labels.
double nll(const FoldedModel& model, const TrainingSet& set) {
  ThreadPool pool;
  return evaluate_predictions(predict_set(plain_network(model), set, pool), set.labels.ids).nll;
}

TEST(FineTuneRounded, LearnsWithTheWeightsOfTheFile) {
  const FoldedModel start = unrounded_model();
  const TrainingSet set = labelled_by(start, 600, 1);
  EXPECT_LT(std::ranges::count(set.labels.ids, 2u), 540);  // not all of one label
  RoundingSettings settings{
      .format = WeightFormat::int4, .rate = 1e-2, .dropout = 0.0, .batch = 32};
  const double plain = nll(rounded(start, settings, set), set);
  settings.epochs = 15;
  const double tuned = nll(rounded(start, settings, set), set);
  EXPECT_LT(tuned, 0.5 * plain);
}

TEST(FineTuneRounded, DoesNotHangOnTheThreads) {
  const FoldedModel start = unrounded_model();
  const TrainingSet set = labelled_by(start, 80, 1);
  const RoundingSettings settings{.format = WeightFormat::int5, .epochs = 2, .batch = 16};
  ThreadPool one, three(3);
  EXPECT_EQ(fine_tune_rounded(start, settings, set, one).embedding,
            fine_tune_rounded(start, settings, set, three).embedding);
}

TEST(RoundWeights, RefusesWhatAFormatCannotHold) {
  Matrix large(1, 1);
  large(0, 0) = 1e6f;
  EXPECT_THROW(round_weights(WeightFormat::fp16, Scales::column, large), Error);
}

}  // namespace
}  // namespace ockham
