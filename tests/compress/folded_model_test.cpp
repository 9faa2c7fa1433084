#include "ockham/compress/folded_model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ockham/compress/compaction.hpp"
#include "ockham/compress/figures.hpp"
#include "ockham/compress/plain_network.hpp"
#include "ockham/tensor/error.hpp"
#include "tests/compress/random_classifier.hpp"
#include "tests/support/expect_close.hpp"

namespace ockham {
namespace {

constexpr size_t kFoldedWords = 7;

void expect_same_after_folding(const Network& network, const NetworkShape& shape, size_t classes,
                               std::mt19937& random) {
  const Classifier classifier =
      make_classifier(network, shape, classes, numbered("word", network.embedding.rows()));
  const Sequences sequences = random_sequences(random, 20, network.embedding.rows(), 12);
  const FoldedModel folded = fold(classifier);
  expect_close(network_probabilities(plain_network(folded), sequences),
               network_probabilities(network, sequences), 1e-5, "folded");
}

class FoldOf : public testing::TestWithParam<Encoder> {};
INSTANTIATE_TEST_SUITE_P(Encoders, FoldOf, testing::ValuesIn(kEncoders));

TEST_P(FoldOf, KeepsTheProbabilitiesWithMultipliersOfEitherSign) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    NetworkShape shape = small_shape(kFoldedWords, 4, OutputKind::softmax, 3, GetParam());
    shape.poolings = {Pooling::max, Pooling::mean, Pooling::last};
    expect_same_after_folding(random_network(random, shape), shape, 3, random);
  }
}

TEST_P(FoldOf, KeepsAMaximumUnderANegativeUnitMultiplier) {
  std::mt19937 random(3);
  NetworkShape shape = small_shape(kFoldedWords, 2, OutputKind::sigmoid, 1, GetParam());
  shape.poolings = {Pooling::max};
  Network network = random_network(random, shape);
  for (RecurrentDirection* direction : network.directions()) {
    for (float& z : direction->unit_multiplier->mean.values()) z = -std::abs(z) - 0.5f;
  }
  expect_same_after_folding(network, shape, 2, random);
}

TEST(Fold, WorksWithoutAnyMultiplier) {
  std::mt19937 random(4);
  NetworkShape shape = small_shape(kFoldedWords, 3, OutputKind::sigmoid, 1);
  shape.groups = {};
  shape.bidirectional = false;
  expect_same_after_folding(random_network(random, shape), shape, 2, random);
}

TEST_P(FoldOf, TreatsPrunedWeightsAndGatesAsZero) {
  std::mt19937 random(5);
  const NetworkShape shape = small_shape(kFoldedWords, 3, OutputKind::softmax, 3, GetParam());
  Network network = random_network(random, shape);
  const Matrix before = network_probabilities(network, Sequences{{0, 1, 2, 3, 4, 5, 6}, {6, 5, 4}});
  network.for_each_parameter([&](Parameter& p) {
    if (is_bias(network, p)) return;
    p.kept.assign(p.mean.size(), 1);
    for (size_t i = 0; i < p.kept.size(); i += 3) p.kept[i] = 0;  // the mean stays what it was
  });
  const Matrix after = network_probabilities(network, Sequences{{0, 1, 2, 3, 4, 5, 6}, {6, 5, 4}});
  EXPECT_NE(before, after);
  expect_same_after_folding(network, shape, 3, random);
}

TEST(Fold, WorksForADirectionWithoutUnitsAndForNoWordsAtAll) {
  std::mt19937 random(6);
  const NetworkShape shape = small_shape(kFoldedWords, 2, OutputKind::softmax, 4);
  Network network = random_network(random, shape);
  compact(network, selections(network, {{0, 2, 5}, {0, 1, 2}, {{0, 1}, {}}}));
  expect_same_after_folding(network, shape, 4, random);
  compact(network, selections(network, {{}, {}, {{}, {}}}));
  expect_same_after_folding(network, shape, 4, random);
}

TEST(Fold, TakesOverWhatIsNotAWeight) {
  std::mt19937 random(7);
  const NetworkShape shape = small_shape(2, 1, OutputKind::softmax, 2);
  Classifier classifier =
      make_classifier(random_network(random, shape), shape, 2, {"not good", "bad"});
  const FoldedModel at_one = fold(classifier);
  classifier.temperature = 1.5;
  classifier.max_tokens = 9;
  classifier.dense_bytes = 1000;
  classifier.paper_weights = 7;
  const FoldedModel model = fold(classifier);
  EXPECT_EQ(model.vocabulary.ngrams(), (std::vector<std::string>{"not good", "bad"}));
  EXPECT_EQ(model.classes, classifier.classes);
  EXPECT_EQ(model.tokenizer, classifier.tokenizer);
  EXPECT_EQ(model.temperature, 1.0);  // it is in the output's weights
  for (size_t i = 0; i < model.output_weight.size(); ++i) {
    EXPECT_FLOAT_EQ(model.output_weight.values()[i] * 1.5f, at_one.output_weight.values()[i]);
  }
  EXPECT_FLOAT_EQ(model.output_bias.values()[0] * 1.5f, at_one.output_bias.values()[0]);
  EXPECT_EQ(model.max_tokens, 9u);
  EXPECT_EQ(model.dense, (DenseOrigin{dense_weights(shape), 1000, 7}));
}

TEST(CheckFolded, RefusesWhatDoesNotFitTogether) {
  std::mt19937 random(8);
  const NetworkShape shape = small_shape(3, 2, OutputKind::softmax, 2);
  const FoldedModel good =
      fold(make_classifier(random_network(random, shape), shape, 2, numbered("w", 3)));
  const auto expect_refused = [&](const char* what, const auto& spoil) {
    FoldedModel model = good;
    spoil(model);
    EXPECT_THROW(check_folded(model), Error) << what;
  };
  EXPECT_NO_THROW(check_folded(good));
  expect_refused("one class", [](FoldedModel& m) { m.classes.pop_back(); });
  expect_refused("an n-gram without a row", [](FoldedModel& m) {
    std::vector<std::string> ngrams = m.vocabulary.ngrams();
    ngrams.push_back("x");
    m.vocabulary = NgramVocabulary(ngrams);
  });
  expect_refused("no tokenizer", [](FoldedModel& m) { m.tokenizer.reset(); });
  expect_refused("no pooling", [](FoldedModel& m) { m.poolings.clear(); });
  expect_refused("no layer", [](FoldedModel& m) { m.layers.clear(); });
  expect_refused("no direction", [](FoldedModel& m) { m.layers[0].directions.clear(); });
  expect_refused("a GRU of four gates", [](FoldedModel& m) { m.cell = Cell::gru; });
  expect_refused("a layer of other directions", [](FoldedModel& m) {
    m.layers.push_back(m.layers[0]);
    m.layers[1].directions.pop_back();
  });
  expect_refused("a layer of other inputs", [](FoldedModel& m) {
    m.layers.push_back(m.layers[0]);  // three columns, not four units
  });
  expect_refused("an LSTM with b_hn",
                 [](FoldedModel& m) { m.layers[0].directions[0].recurrent_bias = Matrix(1, 2); });
  expect_refused("a short bias",
                 [](FoldedModel& m) { m.layers[0].directions[0].bias = Matrix(1, 7); });
  expect_refused("temperature 0", [](FoldedModel& m) { m.temperature = 0.0; });
  expect_refused("too many tokens", [](FoldedModel& m) { m.max_tokens = SIZE_MAX; });
  expect_refused("one threshold", [](FoldedModel& m) { m.thresholds = {0.5f}; });
  FoldedModel with_thresholds = good;
  with_thresholds.thresholds.assign(good.classes.size(), 1.0f);
  EXPECT_NO_THROW(check_folded(with_thresholds));
  for (const float threshold : {1.5f, -0.1f, std::numeric_limits<float>::quiet_NaN()}) {
    expect_refused("a threshold beyond 0 to 1", [&](FoldedModel& m) {
      m.thresholds.assign(m.classes.size(), 0.5f);
      m.thresholds.back() = threshold;
    });
  }
  expect_refused("softmax of several labels", [](FoldedModel& m) { m.several_labels = true; });
  expect_refused("a weight that is no number", [](FoldedModel& m) {
    m.output_weight(0, 0) = std::numeric_limits<float>::quiet_NaN();
  });
  expect_refused("an infinite weight", [](FoldedModel& m) {
    m.embedding(0, 0) = std::numeric_limits<float>::infinity();
  });
}

}  // namespace
}  // namespace ockham
