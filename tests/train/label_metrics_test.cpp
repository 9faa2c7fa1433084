#include "ockham/train/label_metrics.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "tests/support/plain_matrix.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

LabelLists lists(const std::vector<std::vector<uint32_t>>& labels) {
  LabelLists result;
  for (const auto& of_text : labels) result.add(of_text);
  return result;
}

// Given: {a, b}, {b}, {}, {a, c}; there: {a}, {b}, {c}, {a, c}.
const Matrix kProbabilities =
    matrix_of({{0.9f, 0.6f, 0.1f}, {0.2f, 0.5f, 0.3f}, {0.4f, 0.1f, 0.2f}, {0.7f, 0.0f, 0.8f}});
const LabelLists kLabels = lists({{0}, {1}, {2}, {0, 2}});
const std::vector<float> kHalves(3, 0.5f);

TEST(LabelSets, CountsPairsAndTexts) {
  const LabelSetEvaluation e = evaluate_label_sets(kProbabilities, kLabels, kHalves);
  EXPECT_EQ(e.count, 4u);
  EXPECT_DOUBLE_EQ(e.subset_accuracy, 0.5);
  EXPECT_LT(e.subset_accuracy_low, 0.5);
  EXPECT_GT(e.subset_accuracy_high, 0.5);
  EXPECT_DOUBLE_EQ(e.micro_precision, 4.0 / 5.0);  // a, b, a, c are right, the first b is not
  EXPECT_DOUBLE_EQ(e.micro_recall, 4.0 / 5.0);
  EXPECT_DOUBLE_EQ(e.micro_f1, 0.8);
  EXPECT_EQ(e.classes[1].count, 1u);
  EXPECT_EQ(e.classes[1].predicted, 2u);
  EXPECT_DOUBLE_EQ(e.classes[1].precision, 0.5);
  EXPECT_DOUBLE_EQ(e.classes[1].f1, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(e.macro_f1, (1.0 + 2.0 / 3.0 + 2.0 / 3.0) / 3.0);
}

TEST(LabelSets, LossesAreThoseOfTheLabelsAlone) {
  const LabelSetEvaluation e = evaluate_label_sets(kProbabilities, kLabels, kHalves);
  double nll = 0.0, brier = 0.0;
  for (size_t r = 0; r < 4; ++r) {
    for (uint32_t k = 0; k < 3; ++k) {
      bool has = false;
      for (const uint32_t label : kLabels[r]) has |= label == k;
      const double p = kProbabilities(r, k);
      nll -= std::log(has ? p : 1.0 - p) / 4.0;
      brier += std::pow(p - has, 2) / 4.0;
    }
  }
  EXPECT_NEAR(e.nll, nll, 1e-7);
  EXPECT_NEAR(e.brier, brier, 1e-7);
  // 12 pairs, each in a bin of its own but 0.1, 0.1 and 0.2, 0.2: excess of 0.9, 0.6, ...
  EXPECT_GT(e.ece, 0.0);
  EXPECT_LE(e.ece, 1.0);
}

TEST(LabelSets, OfCertainRightAnswersArePerfect) {
  const LabelSetEvaluation e =
      evaluate_label_sets(matrix_of({{1.0f, 0.0f}, {0.0f, 0.0f}, {1.0f, 1.0f}}),
                          lists({{0}, {}, {0, 1}}), std::vector<float>(2, 0.5f));
  EXPECT_EQ(e.subset_accuracy, 1.0);
  EXPECT_EQ(e.micro_f1, 1.0);
  EXPECT_EQ(e.macro_f1, 1.0);
  EXPECT_NEAR(e.nll, 0.0, 1e-9);
  EXPECT_EQ(e.ece, 0.0);
}

TEST(LabelSets, NothingGivenAndNothingThereIsNoDivisionByZero) {
  const LabelSetEvaluation e =
      evaluate_label_sets(Matrix(2, 2, 0.1f), lists({{}, {}}), std::vector<float>(2, 0.5f));
  EXPECT_EQ(e.subset_accuracy, 1.0);
  EXPECT_EQ(e.micro_f1, 0.0);
  EXPECT_EQ(e.macro_f1, 0.0);
}

TEST(LabelSets, MacroF1IsOfTheLabelsThatAreMet) {
  const LabelSetEvaluation e =
      evaluate_label_sets(matrix_of({{0.9f, 0.1f, 0.1f}, {0.9f, 0.1f, 0.1f}}), lists({{0}, {0}}),
                          std::vector<float>(3, 0.5f));
  EXPECT_EQ(e.macro_f1, 1.0) << "two labels that no text has or was given";
}

TEST(LabelSets, RefusesWhatDoesNotFit) {
  EXPECT_THROW(evaluate_label_sets(kProbabilities, lists({{0}}), kHalves), Error);
  EXPECT_THROW(evaluate_label_sets(kProbabilities, kLabels, std::vector<float>(2, 0.5f)), Error);
  EXPECT_THROW(evaluate_label_sets(kProbabilities, lists({{0}, {1}, {3}, {0}}), kHalves), Error);
  EXPECT_THROW(evaluate_label_sets(Matrix(1, 3, NAN), lists({{0}}), kHalves), Error);
  EXPECT_THROW(fit_thresholds(Matrix(0, 3), LabelLists{}), Error);
}

TEST(FitThresholds, TakesTheBestF1) {
  // Of a: 0.9 yes, 0.7 yes, 0.4 no, 0.2 no. Of b: 0.6 no, 0.5 yes, 0.1, 0.0 no: two of which one.
  const std::vector<float> thresholds = fit_thresholds(kProbabilities, kLabels);
  EXPECT_FLOAT_EQ(thresholds[0], 0.55f);
  EXPECT_FLOAT_EQ(thresholds[1], 0.3f);
  // Of c: 0.8 yes, 0.3 no, 0.2 yes, 0.1 no: one of two (F1 2/3) or two of three (F1 4/5).
  EXPECT_FLOAT_EQ(thresholds[2], 0.15f);
}

TEST(FitThresholds, OfEqualOnesTakesTheHighest) {
  // One of one (F1 2/3), two of three (F1 4/5) and three of four and a half ... the first 4/5
  // stays.
  const std::vector<float> t = fit_thresholds(matrix_of({{0.9f}, {0.8f}, {0.5f}, {0.4f}, {0.2f}}),
                                              lists({{0}, {}, {0}, {}, {}}));
  EXPECT_FLOAT_EQ(t[0], 0.45f);
  const std::vector<float> tie =
      fit_thresholds(matrix_of({{0.9f}, {0.5f}, {0.3f}, {0.1f}}), lists({{0}, {}, {}, {0}}));
  EXPECT_FLOAT_EQ(tie[0], 0.7f);  // one of one and two of four: both 2/3
}

TEST(FitThresholds, ALabelThatNoTextHasKeepsAHalf) {
  EXPECT_EQ(fit_thresholds(Matrix(3, 2, 0.2f), lists({{0}, {}, {0}}))[1], 0.5f);
}

TEST(FitThresholds, EqualProbabilitiesAreNotParted) {
  const std::vector<float> t =
      fit_thresholds(matrix_of({{0.4f}, {0.4f}, {0.1f}}), lists({{0}, {}, {}}));
  EXPECT_FLOAT_EQ(t[0], 0.25f);
}

/// No other threshold does better.
TEST(FitThresholds, IsTheMaximum) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<uint8_t, bool>>& texts) {
    RC_PRE(!texts.empty());
    Matrix p(texts.size(), 1);
    LabelLists labels;
    bool any = false;
    for (size_t i = 0; i < texts.size(); ++i) {
      p(i, 0) = static_cast<float>(texts[i].first) / 255.0f;
      labels.add(texts[i].second ? std::vector<uint32_t>{0} : std::vector<uint32_t>{});
      any |= texts[i].second;
    }
    const auto f1 = [&](float threshold) {
      return evaluate_label_sets(p, labels, std::vector<float>{threshold}).micro_f1;
    };
    const double fitted = f1(fit_thresholds(p, labels)[0]);
    if (!any) return;
    for (int t = 0; t <= 255; ++t) RC_ASSERT(f1(static_cast<float>(t) / 255.0f) <= fitted + 1e-12);
  }));
}

}  // namespace
}  // namespace ockham
