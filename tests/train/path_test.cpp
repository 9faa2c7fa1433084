#include "ockham/train/path.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

constexpr size_t kManyTexts = 100'000;  // the standard error is far below half a point

PathPoint point(double accuracy, size_t bytes) {
  PathPoint p;
  p.accuracy = accuracy;
  p.bytes = bytes;
  return p;
}

PathMeasure measured_on(size_t texts) {
  PathMeasure measure;
  measure.texts = texts;
  return measure;
}

PathMeasure guessing(size_t texts, double guess) {
  PathMeasure measure = measured_on(texts);
  measure.guess = guess;
  return measure;
}

const std::vector<PathPoint> kPath{point(0.90, 9000), point(0.91, 6000), point(0.908, 4000),
                                   point(0.87, 2000), point(0.80, 1000)};

TEST(ChoosePoint, WithoutWishesTheSmallestThatValidationCannotTellFromTheBest) {
  // One standard error of 0.91 over 100,000 texts is 0.09 points, over 10,000 0.29, over 1,000
  // 0.90, of which 0.5 count.
  EXPECT_EQ(choose_point(kPath, measured_on(kManyTexts), {}), 1u);
  EXPECT_EQ(choose_point(kPath, measured_on(10'000), {}), 2u);
  const std::vector<PathPoint> close{point(0.910, 3000), point(0.9051, 2000), point(0.9049, 1000)};
  EXPECT_EQ(choose_point(close, measured_on(100), {}), 1u);
  EXPECT_EQ(choose_point(close, measured_on(kManyTexts), {}), 0u);
}

TEST(ChoosePoint, TheLuckOfOnePointAmongItsNeighboursDoesNotCount) {
  const std::vector<PathPoint> path{point(0.900, 5000), point(0.900, 4500), point(0.915, 4000),
                                    point(0.900, 3500), point(0.899, 3000), point(0.880, 2500),
                                    point(0.899, 2000)};
  // Means of three, from the largest: 0.9, 0.9043, 0.9064, 0.904, 0.8946, 0.8901, 0.8916.
  EXPECT_EQ(choose_point(path, measured_on(1'000), {}), 3u);
  // The order of the path does not matter.
  const std::vector<PathPoint> reversed(path.rbegin(), path.rend());
  EXPECT_EQ(choose_point(reversed, measured_on(1'000), {}), 3u);
  // A wish goes by what was measured of each.
  EXPECT_EQ(choose_point(path, measured_on(1'000), {.max_bytes = {}, .min_accuracy = 0.899}), 6u);
  EXPECT_EQ(choose_point(path, measured_on(1'000), {.max_bytes = 9000, .min_accuracy = {}}), 2u);
}

TEST(ChoosePoint, GoingOnFromAModelPointsStandForThemselves) {
  std::vector<PathPoint> path{point(0.0, 6000), point(0.9, 5000), point(0.0, 4000),
                              point(0.8, 2000), point(0.8, 1900), point(0.8, 1800)};
  for (PathPoint& p : path) p.kept = 0.9;
  PathMeasure measure{.texts = 100, .made_up_texts = 1'000};
  measure.by_kept = true;
  EXPECT_EQ(choose_point(path, measure, {}), 1u);
  measure.by_kept = false;  // else it would be luck
  EXPECT_EQ(choose_point(path, measure, {}), 5u);
}

TEST(ChoosePoint, NeighboursOfAnotherSizeSayNothing) {
  const std::vector<PathPoint> path{point(0.90, 6000), point(0.91, 4000), point(0.6, 2600)};
  EXPECT_EQ(choose_point(path, measured_on(1'000), {}), 1u) << "a half smaller or larger";
}

TEST(ChoosePoint, TheToleranceIsTheStandardError) {
  // sqrt(0.5 * 0.5 / 62,500) = 0.002
  const std::vector<PathPoint> path{point(0.5, 3), point(0.4981, 2), point(0.4979, 1)};
  EXPECT_EQ(choose_point(path, measured_on(62'500), {}), 1u);
}

TEST(ChoosePoint, AMeanOfTwoSetsCountsAsManyTextsAsHaveItsError) {
  PathMeasure measure = measured_on(100);
  measure.made_up_texts = 300;
  EXPECT_DOUBLE_EQ(effective_texts(measure), 100.0);
  // Var[(a + b) / 2] = (v / 100 + v / 300) / 4 = v / 300
  measure.by_kept = true;
  EXPECT_DOUBLE_EQ(effective_texts(measure), 300.0);
}

TEST(ChoosePoint, AFewTextsOutweighNoForgetting) {
  // One of three texts going right is no reason to take a model that forgets a third.
  std::vector<PathPoint> path{point(1.0 / 3, 20'000), point(2.0 / 3, 500)};
  path[0].kept = 0.998;
  path[1].kept = 0.66;
  path[0].macro_f1 = 0.25;
  path[1].macro_f1 = 0.67;
  PathMeasure measure{.texts = 3, .made_up_texts = 1'000};
  measure.by_kept = true;
  EXPECT_EQ(choose_point(path, measure, {}), 0u);
  EXPECT_DOUBLE_EQ(validation_share(measure), 3.0 / 103.0);
  measure.texts = 100;
  EXPECT_DOUBLE_EQ(validation_share(measure), 0.5);
  measure.texts = 5'000;
  EXPECT_DOUBLE_EQ(validation_share(measure), 0.5);
  measure.by_kept = false;
  EXPECT_DOUBLE_EQ(validation_share(measure), 1.0);
}

TEST(ChoosePoint, TheToleranceIsATenthOfTheErrors) {
  // Of 500 texts, whose standard error is 0.88 points.
  const std::vector<PathPoint> path{point(0.96, 3), point(0.9562, 2), point(0.9558, 1)};
  EXPECT_EQ(choose_point(path, measured_on(500), {}), 1u);
}

TEST(ChoosePoint, TheToleranceIsATenthOfWhatTheBestWinsOverTheUsualLabel) {
  // Of 500 texts, 95% of one class: 0.1 of 1.5 points, where a tenth of the errors is 0.35.
  const std::vector<PathPoint> path{point(0.965, 3), point(0.9636, 2), point(0.9634, 1)};
  EXPECT_EQ(choose_point(path, guessing(500, 0.95), {}), 1u);
  EXPECT_EQ(choose_point(path, guessing(500, 0.5), {}), 2u);
  // Nothing is won: the smallest of the best.
  EXPECT_EQ(
      choose_point(std::vector<PathPoint>{point(0.9, 2), point(0.9, 1)}, guessing(500, 0.95), {}),
      1u);
  EXPECT_EQ(choose_point(path, guessing(500, 0.95), {.max_bytes = {}, .min_accuracy = 0.9}), 2u);
}

TEST(ChoosePoint, ARareClassIsNotGivenUp) {
  std::vector<PathPoint> path{point(0.96, 3), point(0.958, 2), point(0.957, 1)};
  path[0].macro_f1 = 0.75;
  path[1].macro_f1 = 0.744;  // within twice 0.4 points
  path[2].macro_f1 = 0.49;   // always the same answer
  EXPECT_EQ(choose_point(path, measured_on(500), {}), 1u);
  EXPECT_EQ(choose_point(path, measured_on(500), {.max_bytes = {}, .min_accuracy = 0.957}), 2u);
}

TEST(ChoosePoint, OfThoseNearTheBestTheNllDecides) {
  const auto with_nlls = [&](const std::vector<double>& nlls) {
    std::vector<PathPoint> path{point(0.912, 3000), point(0.91, 2000), point(0.909, 1000),
                                point(0.85, 100)};
    for (size_t i = 0; i < path.size(); ++i) path[i].nll = nlls[i];
    return path;
  };
  const auto chosen = [&](const std::vector<double>& nlls) {
    return choose_point(with_nlls(nlls), measured_on(1'000), {});
  };
  EXPECT_EQ(chosen({0.251, 0.250, 0.2549, 0.3}), 2u);
  EXPECT_EQ(chosen({0.251, 0.250, 0.2551, 0.3}), 1u) << "over 0.005 nats from the lowest";
  EXPECT_EQ(chosen({0.244, 0.250, 0.2551, 0.3}), 0u);
  EXPECT_EQ(chosen({1.01, 1.0, 1.0099, 1.2}), 2u) << "a hundredth";
  EXPECT_EQ(chosen({1.01, 1.0, 1.0101, 1.2}), 1u);
  EXPECT_EQ(chosen({0.251, 0.250, 0.2549, 0.2}), 2u) << "that of one too far from the best";
  EXPECT_EQ(chosen({0.251, 0.250, std::nan(""), 0.3}), 1u) << "no number is no good";
  EXPECT_EQ(chosen({std::nan(""), std::nan(""), std::nan(""), std::nan("")}), 2u);
  const std::vector<PathPoint> path = with_nlls({0.244, 0.250, 0.256, 0.3});
  EXPECT_EQ(choose_point(path, measured_on(1'000), {.max_bytes = {}, .min_accuracy = 0.9}), 2u);
}

TEST(ChoosePoint, ByMacroF1TheNllSaysNothing) {
  std::vector<PathPoint> path{point(0.9, 2000), point(0.9, 1000)};
  path[0].nll = 0.2;
  path[1].nll = 0.4;
  for (PathPoint& p : path) p.macro_f1 = 0.9;
  PathMeasure measure = measured_on(1'000);
  EXPECT_EQ(choose_point(path, measure, {}), 0u);
  measure.criterion = Criterion::macro_f1;
  EXPECT_EQ(choose_point(path, measure, {}), 1u);
}

TEST(ChoosePoint, OfTwoOfAboutOneSizeTheBetterIsTaken) {
  const std::vector<PathPoint> path{point(0.65, 4111), point(0.60, 4093)};
  EXPECT_EQ(choose_point(path, measured_on(100), {}), 0u);
}

TEST(ChoosePoint, TheOrderOfThePathDoesNotMatter) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 2'000; ++trial) {
    std::vector<PathPoint> path;
    for (size_t i = 0; i < 5; ++i) {  // often of one size
      path.push_back(
          point(0.9 + 0.0001 * static_cast<double>(random() % 200), 100 + 10 * (random() % 6)));
    }
    const PathPoint chosen = path[choose_point(path, measured_on(1'000), {})];
    std::ranges::shuffle(path, random);
    const PathPoint again = path[choose_point(path, measured_on(1'000), {})];
    ASSERT_EQ(again.bytes, chosen.bytes);
    ASSERT_EQ(again.accuracy, chosen.accuracy);
  }
}

TEST(ChoosePoint, WhatNoPathHasIsNoReasonToCrash) {
  const std::vector<PathPoint> path{point(1.01, 3), point(std::nan(""), 2), point(1.0, 1)};
  EXPECT_LT(choose_point(path, measured_on(1'000), {}), 3u);
  EXPECT_LT(choose_point(path, measured_on(0), {}), 3u);
}

TEST(ChoosePoint, NllsAreMeansOfNeighboursToo) {
  std::vector<PathPoint> path{point(0.91, 3000), point(0.91, 2500), point(0.91, 2000),
                              point(0.91, 1500)};
  const double nlls[] = {0.252, 0.243, 0.252, 0.255};
  for (size_t i = 0; i < path.size(); ++i) path[i].nll = nlls[i];
  // Means: 0.2484, 0.2481, 0.2501, 0.2538; of their own the second would be the only one.
  EXPECT_EQ(choose_point(path, measured_on(1'000), {}), 2u);
}

TEST(ChoosePoint, GoingOnFromAModelTheNllOfAFewTextsDecidesNothing) {
  std::vector<PathPoint> path{point(0.9, 2000), point(0.9, 1000)};
  path[0].nll = 0.2;
  path[1].nll = 0.4;
  for (PathPoint& p : path) p.kept = 0.9;
  PathMeasure measure{.texts = 20, .made_up_texts = 1'000};
  EXPECT_EQ(choose_point(path, measure, {}), 0u);
  measure.by_kept = true;
  EXPECT_EQ(choose_point(path, measure, {}), 1u);
}

TEST(ChoosePoint, APerfectBestHasNoTolerance) {
  const std::vector<PathPoint> path{point(1.0, 3), point(1.0, 2), point(0.999, 1)};
  EXPECT_EQ(choose_point(path, measured_on(50), {}), 1u);
}

TEST(ChoosePoint, MaxBytesGivesTheMostAccurateThatFits) {
  EXPECT_EQ(choose_point(kPath, measured_on(kManyTexts), {.max_bytes = 9000, .min_accuracy = {}}),
            1u);
  EXPECT_EQ(choose_point(kPath, measured_on(kManyTexts), {.max_bytes = 5999, .min_accuracy = {}}),
            2u);
  EXPECT_EQ(choose_point(kPath, measured_on(kManyTexts), {.max_bytes = 2000, .min_accuracy = {}}),
            3u);
  EXPECT_EQ(choose_point(kPath, measured_on(kManyTexts), {.max_bytes = 1000, .min_accuracy = {}}),
            4u);
  const std::vector<PathPoint> ties{point(0.9, 300), point(0.9, 200), point(0.9, 250)};
  EXPECT_EQ(choose_point(ties, measured_on(kManyTexts), {.max_bytes = 1000, .min_accuracy = {}}),
            1u);
}

TEST(ChoosePoint, MinAccuracyGivesTheSmallestThatReachesIt) {
  EXPECT_EQ(choose_point(kPath, measured_on(kManyTexts), {.max_bytes = {}, .min_accuracy = 0.91}),
            1u);
  EXPECT_EQ(choose_point(kPath, measured_on(kManyTexts), {.max_bytes = {}, .min_accuracy = 0.9}),
            2u);
  EXPECT_EQ(choose_point(kPath, measured_on(kManyTexts), {.max_bytes = {}, .min_accuracy = 0.0}),
            4u);
  const std::vector<PathPoint> ties{point(0.9, 200), point(0.95, 200), point(0.93, 200)};
  EXPECT_EQ(choose_point(ties, measured_on(kManyTexts), {.max_bytes = {}, .min_accuracy = 0.9}),
            1u);
}

TEST(ChoosePoint, BothWishesGiveTheSmallestThatMeetsThem) {
  EXPECT_EQ(choose_point(kPath, measured_on(kManyTexts), {.max_bytes = 9000, .min_accuracy = 0.85}),
            3u);
  EXPECT_EQ(choose_point(kPath, measured_on(kManyTexts), {.max_bytes = 4000, .min_accuracy = 0.9}),
            2u);
}

TEST(ChoosePoint, ImpossibleWishesNameTheNearestPoint) {
  const auto refusal = [](const PathWish& wish) {
    return message_of([&] { choose_point(kPath, measured_on(kManyTexts), wish); });
  };
  EXPECT_EQ(refusal({.max_bytes = 999, .min_accuracy = {}}),
            "no model of the path fits in 999 bytes; the smallest has 1000 (80% on validation)");
  EXPECT_EQ(refusal({.max_bytes = {}, .min_accuracy = 0.92}),
            "no model of the path reaches 92% on validation; the best has 91% with 6000 bytes");
  EXPECT_EQ(refusal({.max_bytes = 2500, .min_accuracy = 0.9}),
            "no model of the path reaches 90% on validation within the given size; the best has "
            "91% with 6000 bytes and in 2500 bytes 87%");
  EXPECT_EQ(refusal({.max_bytes = 6000, .min_accuracy = 0.95}),
            "no model of the path reaches 95% on validation within the given size; the best has "
            "91% with 6000 bytes");
}

TEST(ChoosePoint, AnEmptyPathIsAnError) {
  EXPECT_EQ(message_of([] { choose_point({}, measured_on(100), {}); }),
            "the training left no model to choose from");
}

TEST(ChoosePoint, NeverLeavesASmallerPointOfTheSameWorth) {
  EXPECT_TRUE(rc::check([] {
    std::vector<PathPoint> path;
    const auto count = *rc::gen::inRange<size_t>(1, 12);
    for (size_t i = 0; i < count; ++i) {
      path.push_back(point(*rc::gen::inRange(0, 21) / 20.0, size_t{1} << i));
    }
    const auto texts = *rc::gen::inRange<size_t>(1, 10'000);
    const PathPoint chosen = path[choose_point(path, measured_on(texts), {})];
    for (const PathPoint& p : path) {
      RC_ASSERT(p.accuracy <= chosen.accuracy + 0.005 + 1e-12);
      RC_ASSERT(p.bytes >= chosen.bytes || p.accuracy < chosen.accuracy);
    }
  }));
}

TEST(ChoosePoint, GoesByTheCriterion) {
  std::vector<PathPoint> path{point(0.96, 3), point(0.90, 2), point(0.80, 1)};
  path[0].macro_f1 = 0.50;
  path[1].macro_f1 = 0.70;
  path[2].macro_f1 = 0.69;
  path[0].micro_f1 = 0.1;
  path[1].micro_f1 = 0.2;
  path[2].micro_f1 = 0.3;
  const auto by = [&](Criterion criterion, const PathWish& wish = {}) {
    PathMeasure measure = measured_on(kManyTexts);
    measure.criterion = criterion;
    return choose_point(path, measure, wish);
  };
  EXPECT_EQ(by(Criterion::macro_f1), 1u);
  EXPECT_EQ(by(Criterion::micro_f1), 2u);
  EXPECT_EQ(by(Criterion::macro_f1, {.max_bytes = 3, .min_accuracy = {}}), 1u);
  EXPECT_EQ(by(Criterion::macro_f1, {.max_bytes = {}, .min_accuracy = 0.69}), 2u);
  EXPECT_EQ(message_of([&] { by(Criterion::macro_f1, {.max_bytes = {}, .min_accuracy = 0.9}); }),
            "no model of the path reaches a macro-f1 of 90% on validation; the best has 70% with 2 "
            "bytes");
}

TEST(Criterion, NamesComeBack) {
  for (const Criterion c : {Criterion::accuracy, Criterion::macro_f1, Criterion::micro_f1}) {
    EXPECT_EQ(parse_criterion(criterion_name(c)), c);
  }
  EXPECT_EQ(message_of([] { parse_criterion("f1"); }),
            "unknown criterion \"f1\"; known: accuracy, macro-f1, micro-f1");
}

TEST(ChoosePoint, ByTheMeanOfValidationAndWhatIsKept) {
  std::vector<PathPoint> path{point(0.9, 3'000), point(0.95, 2'000)};
  path[0].kept = 0.9;
  path[1].kept = 0.5;
  PathMeasure measure{.texts = kManyTexts, .made_up_texts = kManyTexts};
  EXPECT_EQ(choose_point(path, measure, {}), 1u);  // with --valid, by that alone
  EXPECT_EQ(choose_point(path, measure, {.max_bytes = {}, .min_accuracy = 0.9}), 1u);
  measure.by_kept = true;
  EXPECT_DOUBLE_EQ(score(path[1], measure), 0.725);
  EXPECT_EQ(choose_point(path, measure, {}), 0u);
  EXPECT_EQ(choose_point(path, measure, {.max_bytes = {}, .min_accuracy = 0.9}), 0u);
  EXPECT_EQ(
      message_of([&] { choose_point(path, measure, {.max_bytes = {}, .min_accuracy = 0.92}); }),
      "no model of the path reaches 92% in the mean of validation and what the old model "
      "knew; the best has 90% with 3000 bytes");
}

}  // namespace
}  // namespace ockham
