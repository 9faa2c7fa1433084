#include "ockham/deploy/polarity.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/deploy/deploy_test_util.hpp"

namespace ockham {
namespace {

TEST(NgramPolarities, AreLogOddsAgainstAnEmptyText) {
  std::mt19937 random(1);
  const FoldedModel model = fold(sparse_classifier(random, 12, 3, OutputKind::softmax, 3, 1.0));
  const auto polarities = ngram_polarities(model);
  ASSERT_EQ(polarities.size(), model.vocabulary.size());
  EXPECT_TRUE(std::is_sorted(polarities.begin(), polarities.end(),
                             [](const auto& a, const auto& b) { return a.log_odds > b.log_odds; }));

  // A text of a single word holds that n-gram alone.
  const Engine engine(model);
  size_t compared = 0;
  for (const NgramPolarity& polarity : polarities) {
    const std::string ngram = model.vocabulary.ngram(polarity.ngram);
    if (ngram.find(' ') != std::string::npos) continue;
    const Matrix p = engine_probabilities(engine, {ngram, ""});
    double strongest = -HUGE_VAL;
    for (size_t k = 0; k < 3; ++k) {
      const auto odds = [&](size_t i) { return std::log(double{p(i, k)} / (1.0 - p(i, k))); };
      strongest = std::max(strongest, odds(0) - odds(1));
    }
    EXPECT_NEAR(polarity.log_odds, strongest, 1e-4);
    ++compared;
  }
  EXPECT_EQ(compared, 12u);
}

TEST(NgramPolarities, OfAModelWithoutNgramsAreNone) {
  std::mt19937 random(2);
  EXPECT_TRUE(
      ngram_polarities(fold(sparse_classifier(random, 0, 2, OutputKind::sigmoid, 2, 1.0))).empty());
}

}  // namespace
}  // namespace ockham
