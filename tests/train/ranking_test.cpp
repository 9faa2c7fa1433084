#include "ockham/train/ranking.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "ockham/tensor/error.hpp"
#include "ockham/train/confidence.hpp"
#include "tests/support/oracle.hpp"

namespace ockham {
namespace {

using nlohmann::json;

void expect_figure(const std::optional<double>& got, const json& expected) {
  ASSERT_EQ(got.has_value(), !expected.is_null());
  if (got) {
    EXPECT_NEAR(*got, expected.get<double>(), 1e-12);
  }
}

TEST(Rank, IsScikitLearns) {
  const json all = read_oracle("ranking");
  for (const json& one : all.at("rankings")) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const auto scores = one.at("scores").get<std::vector<float>>();
    const auto is_of_class = one.at("is_of_class").get<std::vector<uint8_t>>();
    const Ranking got = rank(scores, is_of_class);
    expect_figure(got.roc_auc, one.at("roc_auc"));
    expect_figure(got.average_precision, one.at("average_precision"));
  }
}

TEST(Rank, TakesEachClassAgainstTheRest) {
  Matrix probabilities(4, 3);
  const float values[] = {0.7f, 0.2f, 0.1f, 0.3f, 0.4f, 0.3f, 0.1f, 0.8f, 0.1f, 0.5f, 0.3f, 0.2f};
  std::ranges::copy(values, probabilities.values().begin());
  LabelLists labels;
  for (const std::vector<uint32_t>& of_text :
       std::vector<std::vector<uint32_t>>{{0}, {1}, {0, 1}, {}}) {
    labels.add(of_text);
  }
  const std::vector<Ranking> got = rank_classes(probabilities, labels);
  ASSERT_EQ(got.size(), 3u);
  EXPECT_DOUBLE_EQ(*got[0].roc_auc, 0.5);  // texts 0 and 2 of class 0: ranks 1 and 4
  EXPECT_DOUBLE_EQ(*got[1].roc_auc, 1.0);
  EXPECT_FALSE(got[2].roc_auc);
  EXPECT_FALSE(got[2].average_precision);
  EXPECT_DOUBLE_EQ(*mean_ranking(got).roc_auc, 0.75);
  EXPECT_FALSE(mean_ranking(std::span(got).last(1)).roc_auc);
}

TEST(Mcnemar, IsTheExactBinomialTest) {
  const json all = read_oracle("ranking");
  for (const json& one : all.at("mcnemar")) {
    const double p = one.at("p");
    EXPECT_NEAR(mcnemar_p(one.at("first"), one.at("second")), p, 1e-9 * p + 1e-300) << one;
  }
}

/// By the definition, over all orders that sorting could leave equal confidences in.
double mean_error(std::vector<ScoredPrediction> outcomes, size_t surest) {
  std::mt19937 random(1);
  double sum = 0;
  constexpr int kOrders = 4000;
  for (int order = 0; order < kOrders; ++order) {
    std::shuffle(outcomes.begin(), outcomes.end(), random);
    std::ranges::stable_sort(outcomes, std::ranges::greater{}, &ScoredPrediction::confidence);
    double errors = 0;
    for (size_t i = 0; i < surest; ++i) errors += 1 - outcomes[i].correct;
    sum += errors / static_cast<double>(surest);
  }
  return sum / kOrders;
}

TEST(ConfidenceCurve, LeavesTheUnsureTextsOut) {
  const std::vector<ScoredPrediction> outcomes = {{0.9, 1},  {0.6, 0}, {0.8, 1}, {0.6, 1},
                                                  {0.99, 1}, {0.7, 0}, {0.6, 0}, {0.8, 0},
                                                  {0.95, 1}, {0.5, 1}};
  const ConfidenceCurve curve(outcomes);
  double area = 0;
  for (size_t k = 1; k <= outcomes.size(); ++k) area += mean_error(outcomes, k);
  EXPECT_NEAR(curve.aurc(), area / static_cast<double>(outcomes.size()), 5e-3);  // of the orders
  EXPECT_DOUBLE_EQ(curve.accuracy_at(0.3), 1.0);
  EXPECT_DOUBLE_EQ(curve.accuracy_at(0.4), 3.5 / 4);  // two of 0.8, one of them right
  EXPECT_DOUBLE_EQ(curve.accuracy_at(0.31), 3.5 / 4);
  EXPECT_DOUBLE_EQ(curve.accuracy_at(1.0), 0.6);
  EXPECT_DOUBLE_EQ(curve.accuracy_at(1e-9), 1.0);
}

TEST(ConfidenceCurve, ReliabilityIsOfBinsOfOneSize) {
  std::vector<ScoredPrediction> outcomes;
  for (int i = 0; i < 40; ++i) outcomes.push_back({0.5 + i / 100.0, i % 4 == 0 ? 0.0 : 1.0});
  const std::vector<ReliabilityBin> bins = ConfidenceCurve(outcomes).reliability();
  ASSERT_EQ(bins.size(), kCalibrationBins);
  size_t count = 0;
  double confidence = 0, right = 0, error = 0;
  for (const ReliabilityBin& bin : bins) {
    EXPECT_TRUE(bin.count == 2 || bin.count == 3);
    const auto n = static_cast<double>(bin.count);
    count += bin.count;
    confidence += n * bin.confidence;
    right += n * bin.accuracy;
    error += n / 40 * std::abs(bin.confidence - bin.accuracy);
  }
  EXPECT_EQ(count, 40u);
  EXPECT_NEAR(confidence / 40, 0.695, 1e-12);
  EXPECT_NEAR(right, 30, 1e-9);
  EXPECT_GT(bins.front().confidence, bins.back().confidence);
  EXPECT_NEAR(ConfidenceCurve(outcomes).calibration_error_equal_mass(), error, 1e-12);
  EXPECT_EQ(ConfidenceCurve({{0.7, 1}, {0.6, 0}}).reliability().size(), 2u);
}

TEST(ConfidenceCurve, RefusesWhatCannotBeSorted) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(ConfidenceCurve({}), Error);
  EXPECT_THROW(ConfidenceCurve({{double{nan}, 1}}), Error);
  EXPECT_THROW(rank(std::vector<float>{0.5f, nan}, std::vector<uint8_t>{1, 0}), Error);
}

}  // namespace
}  // namespace ockham
