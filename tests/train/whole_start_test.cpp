#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "ockham/train/evaluate.hpp"
#include "ockham/train/grow.hpp"
#include "ockham/train/trainer.hpp"
#include "tests/train/synthetic_corpus.hpp"

// A model of plain weights as the start of a Bayesian one: its weights are the means, and nothing
// stands beside them.

namespace ockham {
namespace {

TrainSettings plain_settings() {
  TrainSettings s = quick_settings();
  s.method.posterior = "deterministic";
  s.groups = {};
  s.points = 1;
  s.epochs = 3;
  s.dense_steps = 30;
  return s;
}

TrainSettings bayesian_settings() {
  TrainSettings s = quick_settings();
  s.embedding = s.hidden = 0;  // by the model
  s.dense_start = false;
  return s;
}

std::map<std::string, Matrix> means(const Network& network) {
  std::map<std::string, Matrix> all;
  network.for_each_parameter([&](const Parameter& p) { all[p.path] = p.mean; });
  return all;
}

class WholeStart : public ::testing::Test {
 protected:
  static Classifier trained(const TrainSettings& settings) {
    PreparedTraining prepared = prepare(texts(), settings);
    ThreadPool pool;
    Trainer trainer(std::move(prepared.start), std::move(prepared.training),
                    std::move(prepared.validation), settings, pool, {});
    trainer.run();
    return trainer.state().path.front().model;
  }
  static void SetUpTestSuite() { base_ = std::make_unique<Classifier>(trained(plain_settings())); }
  static void TearDownTestSuite() { base_.reset(); }

  static Dataset texts() { return signal_corpus(120, 1); }
  static PreparedTraining start_from(const Classifier& base, Dataset data,
                                     const TrainSettings& settings) {
    rename_classes(data, joined_classes(base.classes, data.classes));
    ThreadPool pool;
    return prepare_training(data, nullptr, resolve_settings(settings, data, {&base}), pool,
                            {&base});
  }

  static std::unique_ptr<const Classifier> base_;
};

std::unique_ptr<const Classifier> WholeStart::base_;

TEST_F(WholeStart, TheMeansAreTheWeightsAndTheShapeIsTheSame) {
  const TrainSettings settings = bayesian_settings();
  PreparedTraining prepared = start_from(*base_, texts(), settings);
  NetworkShape expected = base_->shape;
  expected.groups = settings.groups;
  EXPECT_EQ(prepared.start.shape, expected);
  EXPECT_EQ(prepared.start.vocabulary.ngrams(), base_->vocabulary.ngrams());

  ThreadPool pool;
  const Trainer trainer(std::move(prepared.start), std::move(prepared.training),
                        std::move(prepared.validation), settings, pool, {});
  Network network = trainer.state().network;
  apply_method(settings.method, network);
  const auto weights = means(base_->network);
  size_t compared = 0;
  network.for_each_parameter([&](const Parameter& p) {
    if (is_multiplier(network, p)) {
      for (const float z : p.mean.values()) EXPECT_EQ(z, 1.0f) << p.path;
      return;
    }
    EXPECT_EQ(p.mean, weights.at(p.path)) << p.path;
    ++compared;
    if (is_bias(network, p)) return;
    for (const float s : p.spread.values()) EXPECT_EQ(s, settings.method.initial_log_sigma);
  });
  EXPECT_EQ(compared, weights.size());
}

TEST_F(WholeStart, SizesThatAreGivenAreOfTheWholeNetwork) {
  TrainSettings settings = bayesian_settings();
  settings.embedding = base_->shape.embedding;
  settings.hidden = base_->shape.hidden;
  const Classifier same = start_from(*base_, texts(), settings).start;
  EXPECT_EQ(means(same.network).at("embedding/weight"), base_->network.embedding.mean);

  settings.hidden += 3;
  const PreparedTraining larger = start_from(*base_, texts(), settings);
  EXPECT_EQ(larger.start.shape.embedding, base_->shape.embedding);
  EXPECT_EQ(larger.start.shape.hidden, base_->shape.hidden + 3);
  ThreadPool pool;
  const Matrix before = predict_set(base_->network, larger.validation.texts, pool);
  const Matrix after = predict_set(larger.start.network, larger.validation.texts, pool);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_NEAR(after.values()[i], before.values()[i], 1e-5);  // what is fresh says nothing yet
  }

  settings.hidden = base_->shape.hidden - 1;
  const std::string hidden = message_of([&] { start_from(*base_, texts(), settings); });
  EXPECT_NE(hidden.find("--hidden 1 is less than the 2 of the model"), std::string::npos) << hidden;
  settings.hidden = 0;
  settings.embedding = base_->shape.embedding - 1;
  const std::string embedding = message_of([&] { start_from(*base_, texts(), settings); });
  EXPECT_NE(embedding.find("--embedding 2 is less than the 3"), std::string::npos) << embedding;
}

TEST_F(WholeStart, NewNgramsFindRoomInIt) {
  SyntheticCorpus corpus(3);
  for (size_t i = 0; i < 60; ++i)
    corpus.add(i % 2 == 0 ? "no" : "yes", {i % 2 == 0 ? "sad" : "fine"});
  const PreparedTraining prepared = start_from(*base_, corpus.dataset(), bayesian_settings());
  const size_t old_words = base_->vocabulary.size();
  EXPECT_GE(prepared.start.vocabulary.find("sad"), old_words);
  EXPECT_EQ(prepared.start.shape.embedding, base_->shape.embedding);
  EXPECT_EQ(prepared.start.shape.hidden, base_->shape.hidden);
  EXPECT_EQ(prepared.start.shape.words, prepared.start.vocabulary.size());
}

TEST_F(WholeStart, ANewLabelStillGetsAFreshNetworkBeside) {
  SyntheticCorpus corpus(4);
  for (size_t i = 0; i < 60; ++i) corpus.add("maybe", {"perhaps"});
  const TrainSettings settings = plain_settings();
  const Classifier start = start_from(*base_, corpus.dataset(), settings).start;
  EXPECT_EQ(start.shape.embedding, base_->shape.embedding + settings.embedding);
  EXPECT_EQ(start.shape.hidden, base_->shape.hidden + settings.hidden);
}

TEST_F(WholeStart, ABayesianModelIsNone) {
  TrainSettings settings = quick_settings();
  settings.epochs = 3;
  settings.points = 1;
  settings.dense_steps = 30;
  const Classifier weights = trained(settings);
  settings.method.posterior = "deterministic";
  settings.method.groups = MethodSettings::GroupPosterior::normal;
  const Classifier groups_alone = trained(settings);
  for (const Classifier* base : {&weights, &groups_alone}) {
    EXPECT_FALSE(is_whole_start(*base, 2));
    const Classifier start = start_from(*base, texts(), plain_settings()).start;
    const GrownPart part = part_of(*base);
    EXPECT_EQ(start.shape.hidden, part.hidden + plain_settings().hidden);
    EXPECT_EQ(start.shape.embedding, part.inputs + plain_settings().embedding);
  }
  EXPECT_TRUE(is_whole_start(*base_, 2));
  EXPECT_FALSE(is_whole_start(*base_, 3));
}

}  // namespace
}  // namespace ockham
