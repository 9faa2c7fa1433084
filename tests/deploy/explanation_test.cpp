#include "ockham/deploy/explanation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/deploy/deploy_test_util.hpp"

namespace ockham {
namespace {

FoldedModel model_of(bool hashed) {
  std::mt19937 random(3);
  const std::vector<std::string> ngrams{"good", "bad", "not", "not good", "very bad film", "film"};
  const NetworkShape shape = small_shape(ngrams.size(), 3, OutputKind::softmax, 3);
  FoldedModel model = fold(make_classifier(random_network(random, shape, 0.5), shape, 3, ngrams));
  if (hashed) {
    std::vector<uint32_t> buckets;
    const NgramHashing hashing{16, 0, 3};
    for (const std::string& ngram : ngrams) {
      HashedVocabulary whole = HashedVocabulary::whole(hashing);
      buckets.push_back(whole.buckets()[whole.find(ngram)]);
    }
    model.vocabulary = HashedVocabulary(hashing, buckets);
  }
  return model;
}

std::vector<double> probabilities(const Engine& engine, const std::string& text) {
  const Matrix p = engine_probabilities(engine, {text});
  return {p.values().begin(), p.values().end()};
}

class ExplainerTest : public testing::TestWithParam<bool> {};

TEST_P(ExplainerTest, LeavesWordsOut) {
  const FoldedModel model = model_of(GetParam());
  const Engine engine(model);
  const Explainer explainer(model);
  // Between words that nothing known holds, leaving one out is another text.
  const Explanation why = explainer.explain("a good thing, truly BAD it is and not so");
  const std::vector<double> whole =
      probabilities(engine, "a good thing, truly bad it is and not so");
  const auto odds = [&](const std::vector<double>& p) {
    return std::log(p[why.label] / (1.0 - p[why.label]));
  };
  EXPECT_DOUBLE_EQ(why.probability, *std::ranges::max_element(whole));
  EXPECT_NEAR(why.log_odds, odds(whole), 1e-5);
  EXPECT_NEAR(why.without_words, odds(probabilities(engine, "nothing")), 1e-5);
  size_t known = 0;
  for (const ExplainedWord& word : why.words) {
    known += word.known;
    if (!word.known) {
      EXPECT_EQ(word.log_odds, 0.0);
    }
    std::string rest;
    for (const ExplainedWord& other : why.words) {
      if (&other != &word) rest += other.text + " ";
    }
    if (word.known) {
      EXPECT_NEAR(word.log_odds, why.log_odds - odds(probabilities(engine, rest)), 1e-5)
          << word.text;
      EXPECT_NE(word.log_odds, 0.0);
    }
  }
  EXPECT_EQ(known, 3u);
}

TEST_P(ExplainerTest, AWordTakesItsNgramsAlong) {
  const FoldedModel model = model_of(GetParam());
  const Engine engine(model);
  const Explanation why = Explainer(model).explain("not good", 1);
  EXPECT_EQ(why.label, 1u);
  ASSERT_EQ(why.words.size(), 2u);
  const auto odds = [&](const std::string& text) {
    const double p = probabilities(engine, text)[1];
    return std::log(p / (1.0 - p));
  };
  EXPECT_NEAR(why.words[0].log_odds, odds("not good") - odds("good"), 1e-5);
  EXPECT_NEAR(why.words[1].log_odds, odds("not good") - odds("not"), 1e-5);
  // All words of a longer n-gram are known, the middle ones too.
  const Explanation film = Explainer(model).explain("x very bad film");
  EXPECT_TRUE(film.words[1].known);
  EXPECT_FALSE(film.words[0].known);
}

TEST_P(ExplainerTest, TakesAnyText) {
  const Explainer explainer(model_of(GetParam()));
  EXPECT_TRUE(explainer.explain("").words.empty());
  EXPECT_EQ(explainer.explain("").log_odds, explainer.explain("").without_words);
  std::string longest;
  for (int i = 0; i < 600; ++i) longest += "good bad ";
  EXPECT_EQ(explainer.explain(longest).words.size(), 1'200u);
}

TEST_P(ExplainerTest, ReadsNoFurtherThanTheModel) {
  FoldedModel model = model_of(GetParam());
  model.max_tokens = 2;
  const Explanation why = Explainer(model).explain("good bad good film");
  EXPECT_TRUE(why.words[1].known);
  EXPECT_FALSE(why.words[2].known);
  const std::vector<double> p = probabilities(Engine(model), "good bad good film");
  EXPECT_DOUBLE_EQ(why.probability, p[why.label]);
}

TEST(Explainer, OfSeveralLabelsEachIsForItself) {
  std::mt19937 random(4);
  const std::vector<std::string> ngrams{"good", "bad"};
  const NetworkShape shape = small_shape(ngrams.size(), 3, OutputKind::sigmoid, 3);
  FoldedModel model = fold(make_classifier(random_network(random, shape, 0.5), shape, 3, ngrams));
  model.several_labels = true;
  model.thresholds = {0.5f, 0.5f, 0.5f};
  const Engine engine(model);
  const Explanation why = Explainer(model).explain("good or bad", 2);
  const auto odds = [&](const std::string& text) {
    const double p = probabilities(engine, text)[2];
    return std::log(p / (1.0 - p));
  };
  EXPECT_NEAR(why.log_odds, odds("good or bad"), 1e-5);
  EXPECT_NEAR(why.words[0].log_odds, odds("good or bad") - odds("bad"), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, ExplainerTest, testing::Bool(), [](const auto& vocabulary) {
  return vocabulary.param ? "hashes" : "words";
});

}  // namespace
}  // namespace ockham
