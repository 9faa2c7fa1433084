#include "ockham/train/time_plan.hpp"

#include <gtest/gtest.h>

namespace ockham {
namespace {

TrainingCosts costs() {
  TrainingCosts costs;
  costs.spent = 10;
  costs.epoch = 1;
  costs.tuned_epoch = 0.5;
  costs.fine_tune_epochs = 8;
  return costs;
}

constexpr TimePlan kFirstEpoch{.epochs = 1, .points = 0, .tuned_epoch = 0};

double seconds_of(const TimePlan& plan) {
  return 10 + 0.8 * static_cast<double>(plan.epochs - 1) +
         0.8 * 0.5 * 8 * static_cast<double>(plan.points);
}

TEST(TimePlan, LeavesWhatFits) {
  const TimePlan wished{.epochs = 50, .points = 20, .tuned_epoch = 0};
  const TimePlan plan = plan_time(1000, costs(), wished, kFirstEpoch);
  EXPECT_EQ(plan.epochs, 50u);
  EXPECT_EQ(plan.points, 20u);
  EXPECT_EQ(plan.tuned_epoch, 0.5) << "as it was measured";
}

TEST(TimePlan, KeepsTheProportion) {
  const TimePlan wished{.epochs = 101, .points = 20, .tuned_epoch = 0};
  for (const double budget : {40.0, 60.0, 100.0}) {
    const TimePlan plan = plan_time(budget, costs(), wished, kFirstEpoch);
    EXPECT_LE(seconds_of(plan), budget);
    EXPECT_GE(seconds_of(plan), 0.85 * budget) << "time is used";
    EXPECT_NEAR(static_cast<double>(plan.epochs - 1) / static_cast<double>(plan.points), 5.0, 1.5)
        << "both are whole numbers";
  }
}

TEST(TimePlan, StillMakesAPathWhereThereIsNoTime) {
  const TimePlan plan =
      plan_time(1, costs(), {.epochs = 50, .points = 20, .tuned_epoch = 0}, kFirstEpoch);
  EXPECT_EQ(plan.epochs, 6u);
  EXPECT_EQ(plan.points, 2u);
  const TimePlan few =
      plan_time(1, costs(), {.epochs = 3, .points = 1, .tuned_epoch = 0}, kFirstEpoch);
  EXPECT_EQ(few.epochs, 3u) << "never more than wished";
  EXPECT_EQ(few.points, 1u);
}

TEST(TimePlan, CutsWhatIsNotDoneYet) {
  const TimePlan wished{.epochs = 101, .points = 20, .tuned_epoch = 0};
  const TimePlan done{.epochs = 61, .points = 8, .tuned_epoch = 0};
  // 40 epochs and 12 points would take 70.4 of the 28 seconds that are left.
  const TimePlan plan = plan_time(40, costs(), wished, done);
  EXPECT_EQ(plan.epochs, 61u + 15u);
  EXPECT_EQ(plan.points, 8u + 4u);
  const TimePlan late = plan_time(1, costs(), wished, done);
  EXPECT_EQ(late.epochs, 66u);
  EXPECT_EQ(late.points, 10u);
  EXPECT_EQ(plan_time(1, costs(), wished, {.epochs = 101, .points = 25, .tuned_epoch = 0}).epochs,
            101u);
}

TEST(TimePlan, AnEpochCostsWhatDropoutLeavesAndAFifth) {
  const auto seconds = [](double dropout, double timed, double whole) {
    return seconds_at(dropout, {.seconds = 2.0, .dropout = timed, .whole = whole});
  };
  EXPECT_DOUBLE_EQ(seconds(0.4, 0.8, 0.0), 2.0 * 0.68 / 0.36);
  EXPECT_DOUBLE_EQ(seconds(1.0, 0.0, 0.0), 2.0 * 0.2);
  EXPECT_DOUBLE_EQ(seconds(0.3, 0.3, 0.0), 2.0);
  // Of half of the texts nothing is dropped.
  EXPECT_DOUBLE_EQ(seconds(0.5, 0.0, 0.5), 2.0 * 0.8);
  EXPECT_DOUBLE_EQ(seconds(0.9, 0.1, 1.0), 2.0);
}

}  // namespace
}  // namespace ockham
