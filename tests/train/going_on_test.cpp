#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <sstream>

#include "ockham/tensor/indices.hpp"
#include "ockham/text/length_token.hpp"
#include "ockham/train/evaluate.hpp"
#include "ockham/train/rehearsal_sampler.hpp"
#include "ockham/train/trainer.hpp"
#include "tests/train/same_state.hpp"
#include "tests/train/synthetic_corpus.hpp"

// Training that goes on from a trained model with new texts.

namespace ockham {
namespace {

TrainSettings settings() {
  TrainSettings s = quick_settings();
  s.epochs = 30;
  s.kl.high = 3.0;
  s.points = 4;
  s.rehearsal = 1.0;
  return s;
}

struct Signal {
  std::string label;
  std::vector<std::string> words;  ///< each text has one of them
};

std::string tsv_of(const std::vector<Signal>& signals, size_t texts, uint32_t seed) {
  SyntheticCorpus corpus(seed);
  for (size_t i = 0; i < texts; ++i) {
    const Signal& signal = signals[i % signals.size()];
    corpus.add(signal.label, {signal.words[corpus.below(signal.words.size())]});
  }
  return corpus.tsv();
}

Dataset dataset(const std::string& tsv, bool several_labels = false) {
  std::istringstream stream(tsv);
  TsvReader reader(stream, "data.tsv");
  if (several_labels) reader.take_several_labels(',');
  return read_dataset(reader);
}

PreparedTraining prepare_from(const Classifier* base, Dataset data, const TrainSettings& wanted) {
  if (base != nullptr) rename_classes(data, joined_classes(base->classes, data.classes));
  ThreadPool pool;
  return prepare_training(data, nullptr, resolve_settings(wanted, data, {base}), pool, {base});
}

TrainingState run(const PreparedTraining& prepared, const TrainSettings& wanted) {
  ThreadPool pool(2);
  Trainer trainer(prepared.start, prepared.training, prepared.validation,
                  resolve_settings(wanted, {}), pool, {});
  trainer.run();
  return trainer.state();
}

/// The first, largest model of the path.
Classifier largest_model(const Classifier* base, Dataset data,
                         const TrainSettings& wanted = settings()) {
  return run(prepare_from(base, std::move(data), wanted), wanted).path.front().model;
}

/// The share of the texts whose labels are all right, by the model's class names.
double accuracy(const Classifier& model, const std::string& tsv) {
  std::istringstream stream(tsv);
  TsvReader reader(stream, "test.tsv");
  if (model.several_labels) reader.take_several_labels(',');
  const Dataset data = read_dataset(reader, model.classes);
  const auto all = all_indices(data.size());
  const TrainingSet set =
      make_training_set(data, all, encode_corpus(data, all, *model.tokenizer, model.vocabulary));
  ThreadPool pool;
  const Matrix p = predict_set(model.network, set, pool);
  size_t right = 0;
  for (size_t i = 0; i < set.size(); ++i) {
    std::vector<uint32_t> labels;
    for (uint32_t c = 0; c < p.cols(); ++c) {
      const bool best = p(i, c) == *std::max_element(p.row(i), p.row(i) + p.cols());
      if (model.several_labels ? p(i, c) >= model.thresholds[c] : best) labels.push_back(c);
    }
    right += std::ranges::equal(labels, set.labels[i]);
  }
  return static_cast<double>(right) / static_cast<double>(set.size());
}

const std::vector<Signal> kOld{{"x", {"a1", "a2", "a3"}}, {"y", {"b1", "b2", "b3"}}};
const std::vector<Signal> kNew{{"z", {"c1", "c2", "c3"}}};
std::string old_texts(size_t texts, uint32_t seed) {
  return tsv_of(kOld, texts, seed);
}

class GoingOnTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    base_ = std::make_unique<Classifier>(largest_model(nullptr, dataset(old_texts(400, 1))));
  }
  static void TearDownTestSuite() { base_.reset(); }

  static std::unique_ptr<const Classifier> base_;
};

std::unique_ptr<const Classifier> GoingOnTest::base_;

TEST_F(GoingOnTest, ANewLabelAloneIsAddedAndTheOldOnesStay) {
  ASSERT_GE(accuracy(*base_, old_texts(200, 2)), 0.95);
  const std::string added = tsv_of(kNew, 200, 3);
  TrainSettings s = settings();
  s.rehearsal = 2.0;
  const Classifier model = largest_model(base_.get(), dataset(added), s);
  EXPECT_EQ(model.classes, (std::vector<std::string>{"x", "y", "z"}));
  EXPECT_GE(accuracy(model, tsv_of(kNew, 100, 4)), 0.95);
  // Without rehearsal 0.7 at most, as below; the share hangs on how the compiler rounds.
  EXPECT_GE(accuracy(model, old_texts(200, 2)), 0.85);
}

TEST_F(GoingOnTest, WithoutRehearsalTheOldLabelsAreForgotten) {
  TrainSettings s = settings();
  s.rehearsal = 0.0;
  const Classifier model = largest_model(base_.get(), dataset(tsv_of(kNew, 200, 3)), s);
  EXPECT_LE(accuracy(model, old_texts(200, 2)), 0.7);
}

TEST_F(GoingOnTest, WhatTheTextsContradictIsLearnedAnew) {
  // a1 changes sides, the others stay or are not there.
  const std::vector<Signal> other{{"y", {"a1", "b1"}}, {"x", {"a2"}}};
  const Classifier model = largest_model(base_.get(), dataset(tsv_of(other, 400, 5)));
  EXPECT_GE(accuracy(model, tsv_of({{"y", {"a1"}}}, 60, 6)), 0.95);
  EXPECT_GE(accuracy(model, tsv_of({{"x", {"a2", "a3"}}, {"y", {"b1", "b2", "b3"}}}, 200, 7)),
            0.95);
}

TEST_F(GoingOnTest, LabelsAreMatchedByName) {
  const std::vector<Signal> more{{"a label before x", {"d1", "d2"}}, {"y", {"e1"}}};
  const PreparedTraining prepared =
      prepare_from(base_.get(), dataset(tsv_of(more, 300, 8)), settings());
  ASSERT_TRUE(prepared.going_on);
  EXPECT_EQ(prepared.going_on->labels, 2u);
  EXPECT_EQ(prepared.going_on->matched_labels, 1u);
  EXPECT_EQ(prepared.going_on->new_labels, 1u);
  EXPECT_EQ(prepared.going_on->ngrams, base_->vocabulary.size());
  EXPECT_EQ(prepared.going_on->new_ngrams,
            prepared.start.vocabulary.size() - base_->vocabulary.size());
  EXPECT_EQ(prepared.start.classes, (std::vector<std::string>{"x", "y", "a label before x"}));
  const Classifier model = run(prepared, settings()).path.front().model;
  EXPECT_GE(accuracy(model, tsv_of(more, 100, 9)), 0.95);
  EXPECT_GE(accuracy(model, old_texts(200, 2)), 0.9);
}

TEST_F(GoingOnTest, TheSameTextsAreAWarmStart) {
  TrainSettings s = settings();
  s.method.posterior = "deterministic";
  s.rehearsal = 0.0;
  const Classifier dense = largest_model(nullptr, dataset(old_texts(400, 1)), s);
  s = settings();
  s.rehearsal = 0.0;
  EXPECT_GE(accuracy(largest_model(&dense, dataset(old_texts(400, 1)), s), old_texts(200, 2)),
            0.95);
}

TEST_F(GoingOnTest, SeveralLabelsKeepWhatTheNewTextsDoNotMention) {
  TrainSettings s = settings();
  s.several_labels = true;
  const std::vector<Signal> both{{"x", {"a1", "a2"}}, {"y", {"b1", "b2"}}, {"", {"n1"}}};
  const Classifier base = largest_model(nullptr, dataset(tsv_of(both, 450, 11), true), s);
  ASSERT_GE(accuracy(base, tsv_of(both, 150, 12)), 0.95);
  // Texts of "a1" are still about x, but nobody says so here.
  const std::vector<Signal> added{{"z", {"c1", "c2"}}, {"", {"a1", "n1"}}};
  const Classifier model = largest_model(&base, dataset(tsv_of(added, 400, 13), true), s);
  EXPECT_EQ(model.classes, (std::vector<std::string>{"x", "y", "z"}));
  EXPECT_GE(accuracy(model, tsv_of(both, 150, 12)), 0.9);
  // 0.87 to 1 as one instruction set or another rounds.
  EXPECT_GE(accuracy(model, tsv_of({{"z", {"c1", "c2"}}}, 100, 14)), 0.8);
}

TEST_F(GoingOnTest, TheNumberOfThreadsChangesNothing) {
  Dataset data = dataset(tsv_of(kNew, 200, 3));
  rename_classes(data, joined_classes(base_->classes, data.classes));
  const TrainSettings s = resolve_settings(settings(), data);
  ThreadPool one, three(3);
  const PreparedTraining a = prepare_training(data, nullptr, s, one, {base_.get()});
  const PreparedTraining b = prepare_training(data, nullptr, s, three, {base_.get()});
  EXPECT_EQ(a.training.corpus, b.training.corpus);
  EXPECT_EQ(a.training.soft_targets, b.training.soft_targets);
  EXPECT_EQ(a.validation.texts.corpus, b.validation.texts.corpus);
  EXPECT_EQ(a.validation.texts.labels, b.validation.texts.labels);
  expect_same(a.start.network, b.start.network);
}

TEST_F(GoingOnTest, FewNewTextsDoNotOverwriteWhatTheModelKnows) {
  TrainSettings s = settings();
  s.rehearsal = 2.0;
  const Classifier model = largest_model(base_.get(), dataset(old_texts(12, 21)), s);
  EXPECT_GE(accuracy(model, old_texts(200, 2)), 0.95);
}

TEST_F(GoingOnTest, TheStartIsOverwrittenMoreSlowly) {
  const Dataset data = dataset(old_texts(12, 21));
  EXPECT_LT(resolve_settings({}, data, {base_.get()}).dense_rate,
            resolve_settings({}, data).dense_rate);
}

TEST(RehearsalTexts, AreManyWhereTheNewOnesAreFew) {
  EXPECT_EQ(rehearsal_texts(2.0, 30, 100), 1'000u);       // 500 are counted
  EXPECT_EQ(rehearsal_texts(2.0, 30, 1'235), 3'704u);     // 1.5 times the n-grams
  EXPECT_EQ(rehearsal_texts(2.0, 30, 100'000), 10'000u);  // 5,000
  EXPECT_EQ(rehearsal_texts(0.5, 9'001, 4'835), 4'501u);  // the new texts
  EXPECT_EQ(rehearsal_texts(0.0, 9'000, 4'835), 0u);
}

std::vector<float> weights_of_real_texts(const PreparedTraining& prepared) {
  const size_t real = prepared.training.size() - prepared.going_on->rehearsed;
  const std::vector<float>& all = prepared.training.weights;
  EXPECT_EQ(std::ranges::count(std::span(all).subspan(real), 1.0f),
            static_cast<ptrdiff_t>(all.size() - real));
  return {all.begin(), all.begin() + static_cast<ptrdiff_t>(real)};
}

TEST_F(GoingOnTest, FewTextsOfANewLabelWeighMore) {
  const auto weights = [&](Dataset data) {
    return weights_of_real_texts(prepare_from(base_.get(), std::move(data), settings()));
  };
  // 500 texts are made up, 250 for each old label; 16 of 20 texts are left to train on, 1 of 2.
  for (const float w : weights(dataset(tsv_of(kNew, 20, 3)))) {
    EXPECT_NEAR(w, std::sqrt(250.0f / 16.0f), 1e-5f);
  }
  for (const float w : weights(dataset(tsv_of(kNew, 2, 3)))) EXPECT_EQ(w, 5.0f);
  for (const float w : weights(dataset(tsv_of(kNew, 400, 3)))) EXPECT_EQ(w, 1.0f);
  for (const float w : weights(dataset(old_texts(20, 3)))) EXPECT_EQ(w, 1.0f);
  Dataset given = dataset(tsv_of(kNew, 20, 3));
  given.weighted = true;  // as all 1
  for (const float w : weights(std::move(given))) EXPECT_EQ(w, 1.0f);
}

TEST_F(GoingOnTest, OfSeveralLabelsTheRarestSaysTheWeightIfAllAreNew) {
  TrainSettings s = settings();
  s.several_labels = true;
  const Classifier base = largest_model(nullptr, dataset(old_texts(200, 1), true), s);
  std::string tsv;
  for (size_t i = 0; i < 40; ++i)
    tsv += i < 10 ? "z,rare\tc1 c2\n" : i < 20 ? "x,z\tc1\n" : "z\tc2\n";
  const PreparedTraining prepared = prepare_from(&base, dataset(tsv, true), s);
  const std::vector<float> weights = weights_of_real_texts(prepared);
  std::map<std::vector<uint32_t>, float> weight_of;
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto labels = prepared.training.labels[i];
    weight_of[{labels.begin(), labels.end()}] = weights[i];
  }
  // Classes: x, y, rare, z.
  EXPECT_EQ(weight_of.at({0, 3}), 1.0f);
  EXPECT_GT(weight_of.at({3}), 1.0f);
  EXPECT_GT(weight_of.at({2, 3}), weight_of.at({3}));
}

TEST_F(GoingOnTest, OneTextOfAKnownLabelWillDo) {
  const std::string tsv = tsv_of({kOld[0]}, 20, 3) + "y\tb1 n1\n";
  EXPECT_THROW(prepare_from(nullptr, dataset(tsv), settings()), Error);
  const PreparedTraining prepared = prepare_from(base_.get(), dataset(tsv), settings());
  EXPECT_EQ(prepared.going_on->matched_labels, 2u);
  EXPECT_THROW(prepare_from(base_.get(), dataset(tsv + "new\tc1 n1\n"), settings()), Error);
}

TEST_F(GoingOnTest, WhatIsContradictedIsNotRehearsedBesideANewText) {
  const std::vector<std::string> ngrams{"a", "b", "a b", "c", "d"};
  const Vocabulary vocabulary = NgramVocabulary(ngrams);
  Matrix alone(ngrams.size() + 1, 3);
  alone.fill(1.0f / 3.0f);
  TrainingSet real;  // a text of all but "d", apart: the third label is in none
  for (const uint32_t id : {0u, 1u, 2u, 3u}) real.corpus.ids.push_back(id);
  real.corpus.offsets.push_back(4);
  real.texts = {0};
  real.labels.add(std::vector<uint32_t>{0});
  real.lasting.assign(ngrams.size(), 0);
  const std::vector<uint8_t> contradicted{0, 0, 1, 1, 0}, unmentioned{0, 0, 1};
  RehearsalSampler sampler({vocabulary, alone, contradicted, unmentioned, real, 1.0}, 1);
  size_t ids = 0;
  for (size_t i = 0; i < 300; ++i) {
    EncodedCorpus corpus;
    sampler.put_text(corpus);
    for (const uint32_t id : corpus.ids) EXPECT_EQ(contradicted[id], 0);
    ids += corpus.ids.size();
  }
  EXPECT_GT(ids, 300u);
}

TEST(RehearsalSampler, OfANewTextTenAreChanged) {
  EXPECT_EQ(RehearsalSampler::changed_share(10'000, 30), 0.03);
  EXPECT_EQ(RehearsalSampler::changed_share(10'000, 800), 0.5);
  EXPECT_EQ(RehearsalSampler::changed_share(0, 30), 0.5);
}

/// A new text that is n-gram 0, with an old label.
TrainingSet one_text(size_t ngrams) {
  TrainingSet real;
  real.corpus.ids.push_back(0);
  real.corpus.offsets.push_back(1);
  real.texts = {0};
  real.labels.add(std::vector<uint32_t>{0});
  real.lasting.assign(ngrams, 0);
  return real;
}

TEST(RehearsalSampler, NeighboursMakeUpNothingThatIsContradicted) {
  const Vocabulary vocabulary =
      NgramVocabulary(std::vector<std::string>{"not", "good", "not good"});
  const TrainingSet real = one_text(3);
  const std::vector<uint8_t> contradicted{0, 0, 1}, unmentioned{0, 0};
  const Matrix alone(4, 2, 0.5f);
  RehearsalSampler sampler({vocabulary, alone, contradicted, unmentioned, real}, 1);
  EncodedCorpus corpus;
  for (size_t i = 0; i < 200; ++i) sampler.put_text(corpus);
  EXPECT_EQ(std::ranges::count(corpus.ids, 2u), 0);
  EXPECT_FALSE(std::ranges::search(corpus.ids, std::vector<uint32_t>{0, 1}).empty());
}

TEST_F(GoingOnTest, SomeMadeUpTextsHaveNoLength) {
  std::vector<std::string> ngrams = base_->vocabulary.ngrams();
  ngrams.emplace_back("<length:99>");
  const Vocabulary vocabulary = NgramVocabulary(ngrams);
  const auto length = static_cast<uint32_t>(ngrams.size() - 1);
  Matrix alone(ngrams.size() + 1, 2);
  alone.fill(0.5f);
  const TrainingSet real = one_text(ngrams.size());
  const std::vector<uint8_t> contradicted(ngrams.size(), 0), unmentioned(2, 0);
  RehearsalSampler sampler({vocabulary, alone, contradicted, unmentioned, real}, 1);
  size_t with_length = 0;
  for (size_t i = 0; i < 400; ++i) {
    EncodedCorpus corpus;
    sampler.put_text(corpus);
    with_length += !corpus.ids.empty() && corpus.ids[corpus.ids.size() - 1] == length ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(with_length), 200.0, 60.0);
}

TEST_F(GoingOnTest, AGivenValidationFileIsAllThatIsJudgedBy) {
  Dataset data = dataset(tsv_of(kNew, 200, 3));
  rename_classes(data, joined_classes(base_->classes, data.classes));
  std::istringstream stream("z\tc1\nx\ta1\n");
  TsvReader reader(stream, "valid.tsv");
  const Dataset valid = read_dataset(reader, data.classes);
  ThreadPool pool;
  const TrainSettings s = resolve_settings(settings(), data, {base_.get()});
  const PreparedTraining given = prepare_training(data, &valid, s, pool, {base_.get()});
  EXPECT_EQ(given.validation.texts.size(), 2u);
  EXPECT_EQ(given.validation.texts.labels.ids, (std::vector<uint32_t>{2, 0}));
  EXPECT_EQ(given.validation.made_up.size(), 50u);
  EXPECT_FALSE(given.validation.by_both);
  const PreparedTraining held_out = prepare_training(data, nullptr, s, pool, {base_.get()});
  EXPECT_EQ(held_out.validation.texts.size(), 40u);
  EXPECT_TRUE(held_out.validation.by_both);
  for (const uint32_t label : held_out.validation.made_up.labels.ids) EXPECT_LT(label, 2u);
  const PathMeasure by_texts = path_measure(given.validation, given.start, Criterion::accuracy);
  EXPECT_EQ(by_texts.texts, 2u);
  EXPECT_EQ(by_texts.made_up_texts, 50u);
  EXPECT_EQ(by_texts.guess, 0.5);
  EXPECT_FALSE(by_texts.by_kept);
}

TEST_F(GoingOnTest, RehearsalsSayWhatTheOldModelSays) {
  const PreparedTraining prepared =
      prepare_from(base_.get(), dataset(tsv_of(kNew, 200, 3)), settings());
  const TrainingSet& set = prepared.training;
  const size_t real = set.size() - prepared.going_on->rehearsed;
  ASSERT_EQ(prepared.going_on->rehearsed, 500u);  // 1 times as many, but not fewer
  ASSERT_EQ(set.soft.size(), set.size());
  for (size_t i = 0; i < set.size(); ++i) {
    EXPECT_EQ(set.soft[i] == kNoSoftTarget, i < real);
    EXPECT_TRUE(i == 0 || set.texts[i] > set.texts[i - 1]);  // noise of its own
  }
  const size_t old_words = base_->vocabulary.size();
  const Matrix of_start = [&] {
    TrainingSet only_old = with_words(set, counting(old_words), prepared.start.vocabulary.size());
    ThreadPool pool;
    return predict_set(prepared.start.network, only_old, pool);
  }();
  std::vector<uint8_t> seen(prepared.start.vocabulary.size());
  for (uint32_t i = static_cast<uint32_t>(real); i < set.size(); ++i) {
    const Matrix target = targets_of(set, std::vector<uint32_t>{i}, 3);
    const float old = of_start(i, 0) + of_start(i, 1);
    EXPECT_NEAR(target(0, 0), of_start(i, 0) / old, 1e-5);
    EXPECT_NEAR(target(0, 1), of_start(i, 1) / old, 1e-5);
    EXPECT_EQ(target(0, 2), 0.0f);
    for (const uint32_t id : set.corpus.tokens(i)) seen[id] = 1;
  }
  for (size_t w = 0; w < old_words; ++w) EXPECT_TRUE(seen[w]) << w;
  EXPECT_GT(std::count(seen.begin() + static_cast<ptrdiff_t>(old_words), seen.end(), 1), 0);
}

}  // namespace
}  // namespace ockham
