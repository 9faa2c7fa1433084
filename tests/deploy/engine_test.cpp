#include "ockham/deploy/engine.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ockham/compress/compaction.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/tensor/error.hpp"
#include "tests/deploy/deploy_test_util.hpp"
#include "tests/support/each_target.hpp"
#include "tests/support/expect_close.hpp"

namespace ockham {
namespace {

constexpr double kTolerance = 1e-5;

class EngineOf : public testing::TestWithParam<Encoder> {};
INSTANTIATE_TEST_SUITE_P(Encoders, EngineOf, testing::ValuesIn(kEncoders));

/// Makes recurrent layers forget what they were rounded to, as trained ones do. With weights of
/// variance 1 they are chaotic now and then, and a rounding grows to 3e-4 over 30 n-grams: a random
/// matrix [n, n] of that variance stretches by up to 2 sqrt(n).
void calm(Network& network) {
  for (RecurrentDirection* direction : network.directions()) {
    const float stretch = 2.0f * std::sqrt(static_cast<float>(direction->weight_hh.mean.rows()));
    for (float& w : direction->weight_hh.mean.values()) w /= stretch;
  }
}

TEST_P(EngineOf, AgreesWithTheTrainingCode) {
  EXPECT_TRUE(rc::check([encoder = GetParam()](uint32_t seed) {
    std::mt19937 random(seed);
    const auto words = *rc::gen::inRange<size_t>(0, 20);
    const auto hidden = *rc::gen::inRange<size_t>(1, 9);
    const auto output = *rc::gen::element(OutputKind::softmax, OutputKind::sigmoid);
    const auto classes = *rc::gen::inRange<size_t>(2, 6);
    const double density = *rc::gen::element(0.1, 0.4, 1.0);
    Classifier classifier =
        sparse_classifier(random, words, hidden, output, classes, density, encoder);
    calm(classifier.network);
    if (random() % 3 == 0) classifier.max_tokens = 5;
    const auto texts = word_texts(random, 40, words, 30);
    const Matrix expected = classifier_probabilities(classifier, texts);
    const Matrix got = engine_probabilities(make_engine(classifier), texts);
    RC_ASSERT(got.rows() == expected.rows() && got.cols() == expected.cols());
    for (size_t i = 0; i < got.size(); ++i) {
      RC_ASSERT(std::abs(got.values()[i] - expected.values()[i]) <= kTolerance);
    }
  }));
}

TEST_P(EngineOf, AgreesWithTheTrainingCodeOnEveryInstructionSet) {
  std::mt19937 random(1);
  const auto texts = word_texts(random, 100, 20, 40);
  for (const double density : {0.1, 0.5, 1.0}) {  // weights that are gone through, or all of them
    for (const auto& poolings :
         {std::vector{Pooling::last, Pooling::max}, std::vector{Pooling::mean, Pooling::max}}) {
      Classifier classifier =
          sparse_classifier(random, 20, 5, OutputKind::softmax, 3, density, GetParam());
      classifier.network.poolings = poolings;
      const Matrix expected = classifier_probabilities(classifier, texts);
      const Engine engine = make_engine(classifier);
      for_each_target([&] {
        expect_close(engine_probabilities(engine, texts), expected, kTolerance, "probabilities");
      });
    }
  }
}

TEST_P(EngineOf, AgreesWithTheTrainingCodeOnLongTexts) {  // rows are laid out for 64 steps
  std::mt19937 random(11);
  Classifier classifier = sparse_classifier(random, 20, 5, OutputKind::softmax, 3, 0.5, GetParam());
  calm(classifier.network);
  const auto texts = word_texts(random, 20, 20, 400);
  for (const size_t steps : {1, 62, 63, 64, 65, 66, 127, 128, 129, 193}) {
    classifier.max_tokens = steps;  // so many exactly
    const Matrix expected = classifier_probabilities(classifier, texts);
    const Engine engine = make_engine(classifier);
    for_each_target([&] {
      expect_close(engine_probabilities(engine, texts), expected, kTolerance, "probabilities");
    });
  }
}

TEST_P(EngineOf, AgreesWithTheTrainingCodeAfterPruningAndAFile) {
  std::mt19937 random(2);
  Classifier classifier =
      sparse_classifier(random, 30, 4, OutputKind::sigmoid, 2, 0.15, GetParam());
  for (RecurrentDirection* direction : classifier.network.directions()) {
    for (size_t c = 0; c < direction->bias.cols(); c += 3) {
      direction->gate_multiplier->mean(0, c) = 0.0f;
    }
    for (float& z : direction->unit_multiplier->mean.values()) z = -std::abs(z);
  }
  const Pruning pruning = prune_and_compact(classifier.network);
  classifier.vocabulary = classifier.vocabulary.select(pruning.words);
  const auto texts = word_texts(random, 60, 30, 50);
  const Matrix expected = classifier_probabilities(classifier, texts);
  const Engine engine(decode_compact(encode_compact(fold(classifier), WeightFormat::fp32), "file"));
  expect_close(engine_probabilities(engine, texts), expected, kTolerance, "from a file");
  EXPECT_EQ(engine.classes(), classifier.classes);
  EXPECT_EQ(engine.ngrams(), pruning.words.size());
}

TEST_P(EngineOf, RunsADirectionWithoutUnits) {
  std::mt19937 random(3);
  Classifier classifier = sparse_classifier(random, 10, 3, OutputKind::softmax, 3, 1.0, GetParam());
  Survivors survivors{all_indices(classifier.vocabulary.size()), {0, 1, 2}, {{}, {0, 2}}};
  if (GetParam().layers == 2) survivors.units.insert(survivors.units.end(), {{0, 1, 2}, {}});
  for (const size_t units : GetParam().dense_layers) {
    survivors.dense.push_back(all_indices(units));
  }
  compact(classifier.network, selections(classifier.network, survivors));
  const auto texts = word_texts(random, 30, 10, 20);
  expect_close(engine_probabilities(make_engine(classifier), texts),
               classifier_probabilities(classifier, texts), kTolerance, "probabilities");
}

TEST(Engine, RunsOnALayerWithoutUnits) {
  for (const Cell cell : {Cell::lstm, Cell::gru}) {
    std::mt19937 random(9);
    Classifier classifier =
        sparse_classifier(random, 10, 3, OutputKind::softmax, 3, 1.0, {cell, 2});
    const Survivors survivors{
        all_indices(classifier.vocabulary.size()), {0, 1, 2}, {{}, {}, {1}, {0, 2}}};
    compact(classifier.network, selections(classifier.network, survivors));
    const auto texts = word_texts(random, 30, 10, 20);
    expect_close(engine_probabilities(make_engine(classifier), texts),
                 classifier_probabilities(classifier, texts), kTolerance, "probabilities");
  }
}

TEST(Engine, KnowsACandidateThatReadsOnlyItsBias) {
  // n = tanh(r b_hn + b_n), with r that reads words and with r that is a constant.
  for (const bool constant_reset : {false, true}) {
    std::mt19937 random(10);
    Classifier classifier =
        sparse_classifier(random, 10, 2, OutputKind::softmax, 3, 1.0, {Cell::gru, 1});
    for (RecurrentDirection* direction : classifier.network.directions()) {
      for (Parameter* p : {&direction->weight_ih, &direction->weight_hh}) {
        for (size_t r = 0; r < p->rows(); ++r) {
          p->mean(r, 4) = p->mean(r, 5) = 0.0f;
          if (constant_reset) p->mean(r, 0) = p->mean(r, 1) = 0.0f;
        }
      }
    }
    const auto texts = word_texts(random, 30, 10, 20);
    expect_close(engine_probabilities(make_engine(classifier), texts),
                 classifier_probabilities(classifier, texts), kTolerance, "probabilities");
  }
}

TEST(Engine, DividesLogitsByTheTemperature) {
  std::mt19937 random(4);
  Classifier classifier = sparse_classifier(random, 10, 3, OutputKind::sigmoid, 2, 1.0);
  const auto texts = word_texts(random, 30, 10, 20);
  const Matrix hot = classifier_probabilities(classifier, texts);
  classifier.temperature = 2.0;
  const Matrix cool = engine_probabilities(make_engine(classifier), texts);
  for (size_t i = 0; i < texts.size(); ++i) {
    const double logit = std::log(double{hot(i, 1)} / hot(i, 0));
    EXPECT_NEAR(cool(i, 1), 1.0 / (1.0 + std::exp(-logit / 2.0)), kTolerance);
  }
}

/// Texts between 0 and 600 words, so that lanes end at very different steps.
struct ManyTexts {
  explicit ManyTexts(const Encoder& encoder_in = {}) : encoder(encoder_in) {}

  Encoder encoder;
  std::mt19937 random{7};
  Engine engine =
      make_engine(sparse_classifier(random, 50, 6, OutputKind::softmax, 4, 0.5, encoder));
  std::vector<std::string> texts = make_texts();
  Matrix expected = engine_probabilities(engine, texts);

  std::vector<std::string> make_texts() {
    auto all = word_texts(random, 700, 50, 20);
    const auto longer = word_texts(random, 50, 50, 600);
    all.insert(all.end(), longer.begin(), longer.end());
    std::shuffle(all.begin(), all.end(), random);
    return all;
  }
};

TEST_P(EngineOf, GivesTheSameBitsForAnyBatchSize) {
  const ManyTexts many(GetParam());
  ThreadPool pool;
  for (const size_t batch : {1, 3, 16, 17, 100, 749}) {
    for (size_t first = 0; first < many.texts.size(); first += batch) {
      const size_t count = std::min(batch, many.texts.size() - first);
      const auto texts = views(many.texts);
      Matrix got;
      many.engine.predict(std::span(texts).subspan(first, count), pool, got);
      for (size_t i = 0; i < count; ++i) {
        ASSERT_TRUE(
            std::ranges::equal(got.view().row_span(i), many.expected.view().row_span(first + i)))
            << "text " << first + i << " in batches of " << batch;
      }
    }
  }
}

TEST_P(EngineOf, GivesTheSameBitsForAnyNumberOfThreads) {
  const ManyTexts many(GetParam());
  for (const size_t threads : {2, 3, 8}) {
    EXPECT_EQ(engine_probabilities(many.engine, many.texts, threads), many.expected) << threads;
  }
}

TEST_P(EngineOf, GivesTheSameBitsInAnyOrder) {
  ManyTexts many(GetParam());
  std::vector<uint32_t> order = all_indices(many.texts.size());
  std::shuffle(order.begin(), order.end(), many.random);
  std::vector<std::string> shuffled;
  for (const uint32_t i : order) shuffled.push_back(many.texts[i]);
  const Matrix got = engine_probabilities(many.engine, shuffled);
  for (size_t i = 0; i < order.size(); ++i) {
    ASSERT_TRUE(
        std::ranges::equal(got.view().row_span(i), many.expected.view().row_span(order[i])));
  }
}

TEST(Engine, TakesNoTextsAndTextsOfAnyBytes) {
  const ManyTexts many;
  EXPECT_EQ(engine_probabilities(many.engine, {}).rows(), 0u);
  const Matrix p = engine_probabilities(
      many.engine, {"", std::string("\0\0", 2), "\xFF\xFE", "nothing known", "a1\xC3"});
  for (size_t i = 1; i < 4; ++i) {
    EXPECT_TRUE(std::ranges::equal(p.view().row_span(i), p.view().row_span(0)));
  }
}

TEST(Engine, TakesTextsThatAreEncodedAlready) {
  const ManyTexts many;
  EncodedCorpus corpus;
  corpus.ids = {3, 0, 3, 7};
  corpus.offsets = {0, 0, 3, 4};
  Matrix got(3, 4);
  many.engine.predict_encoded(corpus, got);
  EXPECT_NE(got(0, 0), got(1, 0));
  const Matrix empty = engine_probabilities(many.engine, {""});
  EXPECT_TRUE(std::ranges::equal(got.view().row_span(0), empty.view().row_span(0)));
}

TEST(Engine, RefusesAModelThatDoesNotFitTogether) {
  std::mt19937 random(8);
  FoldedModel model = fold(sparse_classifier(random, 3, 2, OutputKind::softmax, 2, 1.0));
  model.vocabulary = model.vocabulary.select(std::vector<uint32_t>{0});
  EXPECT_THROW(Engine{model}, Error);
}

}  // namespace
}  // namespace ockham
