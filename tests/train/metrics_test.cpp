#include "ockham/train/metrics.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/plain_matrix.hpp"

namespace ockham {
namespace {

// The oracle's probabilities are rounded to float on their way in.
constexpr double kTolerance = 1e-6;

void expect_near(const std::vector<double>& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], kTolerance) << i;
}

TEST(Metrics, AgreeWithTheOracle) {
  const nlohmann::json expected = read_oracle("metrics");
  const Matrix probabilities = matrix_of(expected["probabilities"]);
  const Evaluation got =
      evaluate_predictions(probabilities, expected["labels"].get<std::vector<uint32_t>>());
  EXPECT_EQ(got.count, 40u);
  EXPECT_DOUBLE_EQ(got.accuracy, expected["accuracy"]);
  EXPECT_NEAR(got.nll, expected["nll"], kTolerance);
  EXPECT_NEAR(got.brier, expected["brier"], kTolerance);
  EXPECT_NEAR(got.ece, expected["ece"], kTolerance);
  EXPECT_NEAR(got.macro_f1, expected["macro_f1"], kTolerance);
  EXPECT_EQ(nlohmann::json(got.confusion), expected["confusion"]);
  ASSERT_EQ(got.classes.size(), 3u);
  for (size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(got.classes[k].precision, expected["precision"][k], kTolerance);
    EXPECT_NEAR(got.classes[k].recall, expected["recall"][k], kTolerance);
    EXPECT_NEAR(got.classes[k].f1, expected["f1"][k], kTolerance);
  }
  EXPECT_EQ(got.classes[0].count, 19u);
  EXPECT_EQ(got.classes[0].predicted, 11u);
}

/// As scikit-learn has it, whose labels are those of the texts and of the answers.
TEST(Metrics, MacroF1IsOfTheClassesThatAreMet) {
  const Matrix p = matrix_of({{0.8, 0.1, 0.1, 0.0}, {0.8, 0.1, 0.1, 0.0}, {0.1, 0.8, 0.1, 0.0}});
  EXPECT_NEAR(evaluate_predictions(p, std::vector<uint32_t>{0, 0, 1}).macro_f1, 1.0, 1e-12);
  // Class 2 is there and never given: F1 0; class 3 is neither.
  EXPECT_NEAR(evaluate_predictions(p, std::vector<uint32_t>{0, 0, 2}).macro_f1, 1.0 / 3, 1e-12);
}

TEST(Metrics, MonteCarloAgreesWithTheOracle) {
  const nlohmann::json expected = read_oracle("metrics")["monte_carlo"];
  std::vector<Matrix> samples;
  for (const auto& sample : expected["probabilities"]) samples.push_back(matrix_of(sample));
  const std::vector<ConstMatrixView> views(samples.begin(), samples.end());
  const MonteCarloSummary got = summarize_samples(views);
  const Matrix mean = matrix_of(expected["mean"]);
  for (size_t i = 0; i < mean.size(); ++i) {
    EXPECT_NEAR(got.mean.values()[i], mean.values()[i], kTolerance);
  }
  expect_near(got.predictive_entropy, expected["predictive_entropy"]);
  expect_near(got.expected_entropy, expected["expected_entropy"]);
  expect_near(got.mutual_information, expected["mutual_information"]);
}

TEST(Metrics, MonteCarloOfEqualSamplesKnowsNoDoubt) {
  const Matrix sample = matrix_of({{0.3, 0.7}, {1.0, 0.0}});
  const std::vector<ConstMatrixView> views(7, sample);
  const MonteCarloSummary got = summarize_samples(views);
  EXPECT_NEAR(got.predictive_entropy[0], 0.6108643, kTolerance);
  EXPECT_EQ(got.predictive_entropy[1], 0.0);
  EXPECT_NEAR(got.mutual_information[0], 0.0, 1e-12);
}

/// Each label is there or not: as many texts of two classes, of which entropies are added.
TEST(Metrics, MonteCarloOfIndependentLabelsIsTheSumOverThem) {
  const std::vector<Matrix> samples{matrix_of({{0.9, 0.2, 1.0}}), matrix_of({{0.6, 0.1, 1.0}})};
  MonteCarloAverage together(ClassRelation::independent);
  for (const Matrix& sample : samples) together.add(sample);
  double whole = 0, expected = 0;
  for (size_t label = 0; label < 3; ++label) {
    MonteCarloAverage alone;
    for (const Matrix& sample : samples) {
      const double p = sample(0, label);
      alone.add(matrix_of({{p, 1.0 - p}}));
    }
    whole += alone.summary().predictive_entropy[0];
    expected += alone.summary().expected_entropy[0];
  }
  const MonteCarloSummary got = together.summary();
  EXPECT_NEAR(got.predictive_entropy[0], whole, 1e-6);  // 1 - p is a float in one of them
  EXPECT_NEAR(got.expected_entropy[0], expected, 1e-6);
  EXPECT_NEAR(got.mutual_information[0], whole - expected, 1e-6);
}

TEST(Metrics, WilsonIntervalAgreesWithPublishedValues) {
  const Interval95 some = wilson_interval(81, 263);  // Newcombe (1998), table I
  EXPECT_NEAR(some.low, 0.2553, 5e-5);
  EXPECT_NEAR(some.high, 0.3662, 5e-5);
  const Interval95 none = wilson_interval(0, 20);
  EXPECT_EQ(none.low, 0.0);
  EXPECT_NEAR(none.high, 0.1611, 5e-5);
  const Interval95 all = wilson_interval(29, 29);
  EXPECT_NEAR(all.low, 0.8830, 5e-5);
  EXPECT_NEAR(all.high, 1.0, 1e-12);
  EXPECT_EQ(wilson_interval(0, 0).low, 0.0);
  EXPECT_EQ(wilson_interval(0, 0).high, 1.0);
}

TEST(Metrics, CertainAndWrongIsCostlyButFinite) {
  const Evaluation got = evaluate_predictions(matrix_of({{1.0, 0.0}}), std::vector<uint32_t>{1});
  EXPECT_NEAR(got.nll, -std::log(1e-12), 1e-9);
  EXPECT_EQ(got.brier, 2.0);
  EXPECT_EQ(got.ece, 1.0);
  EXPECT_EQ(got.ece_equal_mass, 1.0);
  EXPECT_EQ(got.aurc, 1.0);
}

TEST(Metrics, AClassNeverSeenAndNeverPredictedIsLeftOut) {
  const Evaluation got =
      evaluate_predictions(matrix_of({{0.9, 0.1, 0}, {0.2, 0.8, 0}}), std::vector<uint32_t>{0, 1});
  EXPECT_EQ(got.classes[2].precision, 0.0);
  EXPECT_EQ(got.classes[2].recall, 0.0);
  EXPECT_EQ(got.classes[2].f1, 0.0);
  EXPECT_FALSE(got.classes[2].met());
  EXPECT_NEAR(got.macro_f1, 1.0, 1e-12);
}

TEST(Metrics, EqualMassBinsHoldEqualNumbers) {
  // 30 texts of descending confidence, so two in each bin: the excess of a pair is the mean of
  // confidence minus the mean of correctness. All are right but the pair of ranks 4 and 5.
  Matrix probabilities(30, 2);
  std::vector<uint32_t> labels(30, 0);
  double expected = 0;
  for (size_t r = 0; r < 30; ++r) {
    probabilities(r, 0) = 0.99f - 0.01f * static_cast<float>(r);
    probabilities(r, 1) = 1 - probabilities(r, 0);
    labels[r] = r == 4 || r == 5;
    expected += std::abs(probabilities(r, 0) - (labels[r] ? 0.0 : 1.0)) / 30;
  }
  EXPECT_NEAR(evaluate_predictions(probabilities, labels).ece_equal_mass, expected, kTolerance);
}

TEST(Metrics, AurcIsTheMeanSelectiveRisk) {
  // By confidence: right, wrong, right, right: risks 0, 1/2, 1/3, 1/4.
  const Matrix probabilities = matrix_of({{0.6, 0.4}, {0.9, 0.1}, {0.7, 0.3}, {0.8, 0.2}});
  const Evaluation got = evaluate_predictions(probabilities, std::vector<uint32_t>{0, 0, 0, 1});
  EXPECT_NEAR(got.aurc, (0 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4) / 4, 1e-12);
}

TEST(Metrics, OrderOfTheTextsChangesNothing) {
  EXPECT_TRUE(rc::check([] {
    const auto n = *rc::gen::inRange<size_t>(1, 60);
    std::vector<float> first(n);
    std::vector<uint32_t> labels(n);
    for (size_t r = 0; r < n; ++r) {
      first[r] = static_cast<float>(*rc::gen::inRange(0, 9)) / 8;  // coarse, so that many are tied
      labels[r] = *rc::gen::inRange<uint32_t>(0, 2);
    }
    const auto evaluate = [&](const std::vector<size_t>& order) {
      Matrix probabilities(n, 2);
      std::vector<uint32_t> ordered(n);
      for (size_t r = 0; r < n; ++r) {
        probabilities(r, 0) = first[order[r]];
        probabilities(r, 1) = 1 - first[order[r]];
        ordered[r] = labels[order[r]];
      }
      return evaluate_predictions(probabilities, ordered);
    };
    std::vector<size_t> order(n);
    std::iota(order.begin(), order.end(), size_t{0});
    const Evaluation a = evaluate(order);
    std::shuffle(order.begin(), order.end(), std::mt19937(*rc::gen::arbitrary<uint32_t>()));
    const Evaluation b = evaluate(order);
    const auto near = [](double x, double y) { return std::abs(x - y) < 1e-9; };
    RC_ASSERT(a.confusion == b.confusion);
    RC_ASSERT(near(a.nll, b.nll) && near(a.brier, b.brier) && near(a.aurc, b.aurc));
    RC_ASSERT(near(a.ece, b.ece) && near(a.ece_equal_mass, b.ece_equal_mass));
    RC_ASSERT(a.accuracy_low <= a.accuracy && a.accuracy <= a.accuracy_high);
    RC_ASSERT(a.ece >= 0 && a.ece <= 1 && a.ece_equal_mass >= 0 && a.ece_equal_mass <= 1);
  }));
}

TEST(Metrics, RowsMayLieApart) {
  Matrix wide = matrix_of({{0.9, 0.1, 7}, {0.2, 0.8, 7}});
  const Evaluation got =
      evaluate_predictions(wide.view().column_range(0, 2), std::vector<uint32_t>{0, 0});
  EXPECT_EQ(got.accuracy, 0.5);
  EXPECT_EQ(got.classes.size(), 2u);
}

std::string refusal(const Matrix& probabilities, const std::vector<uint32_t>& labels) {
  try {
    evaluate_predictions(probabilities, labels);
  } catch (const Error& error) {
    return error.what();
  }
  return "no Error";
}

TEST(Metrics, NonsenseIsRefused) {
  EXPECT_EQ(refusal(Matrix(0, 2), {}), "there are no texts to evaluate on");
  EXPECT_EQ(refusal(Matrix(2, 2, 0.5f), {0}), "2 predictions cannot be compared with 1 labels");
  EXPECT_EQ(refusal(Matrix(2, 2, 0.5f), {0, 2}),
            "text 2 has label number 2, but the model knows 2 labels");
  EXPECT_EQ(refusal(matrix_of({{0.5, std::nan("")}}), {0}),
            "text 1 of 1 was given nan as a probability; the model is damaged or its training "
            "diverged");
  EXPECT_THROW(MonteCarloAverage().summary(), Error);
  MonteCarloAverage average;
  average.add(Matrix(2, 2, 0.5f));
  EXPECT_THROW(average.add(Matrix(1, 2, 0.5f)), Error);
}

}  // namespace
}  // namespace ockham
