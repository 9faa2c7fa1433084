#include "ockham/train/time_plan.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace ockham {
namespace {

constexpr TrainingCosts kCosts{.epoch = 1, .tuned_epoch = 0.5, .fine_tune_epochs = 8};
constexpr PathRest kRest{.epochs = 100, .points = 20};
// 100 epochs and 20 points of 4 seconds, which get a fifth cheaper on the way.
constexpr double kSeconds = 0.8 * (100 + 20 * 4);

TEST(TimePlan, AllIsAffordableWhereThereIsTime) {
  EXPECT_EQ(affordable_share(kSeconds + 0.001, kCosts, kRest, 0.0), 1.0);
  EXPECT_EQ(affordable_share(1e9, kCosts, kRest, 0.0), 1.0);
  EXPECT_EQ(affordable_share(0.0, kCosts, {0, 0}, 1.0), 1.0) << "nothing is left";
}

TEST(TimePlan, OtherwiseAShareIsThatTheTimeIsSpentOn) {
  EXPECT_NEAR(affordable_share(0.25 * kSeconds, kCosts, kRest, 0.0), 0.25, 1e-12);
  EXPECT_EQ(affordable_share(0.0, kCosts, kRest, 0.0), 0.0);
  EXPECT_EQ(affordable_share(-5.0, kCosts, kRest, 0.0), 0.0);
  EXPECT_GT(affordable_share(0.25 * kSeconds, kCosts, kRest, 0.5), 0.25)
      << "later models shrink faster";
}

TEST(TimePlan, LeavesTheShareOfBoth) {
  const TimePlan plan = plan_rest(0.25, kRest, 40, 3, 0.3);
  EXPECT_EQ(plan.epochs, 40u + 25u);
  EXPECT_EQ(plan.points, 3u + 5u);
  EXPECT_EQ(plan.epoch, 40u);
  EXPECT_EQ(plan.taken, 3u);
  const TimePlan all = plan_rest(1.0, {60.0 - 1e-12, 16.2}, 40, 3, 0.3);
  EXPECT_EQ(all.epochs, 100u);
  EXPECT_EQ(all.points, 19u);
}

TEST(TimePlan, StillComesToTheEndWhereThereIsNoTime) {
  const TimePlan plan = plan_rest(0.0, kRest, 1, 0, 0.0);
  EXPECT_EQ(plan.epochs, 6u);
  EXPECT_EQ(plan.points, 2u);
  const TimePlan late = plan_rest(0.0, {10, 2.2}, 40, 9, 0.8);
  EXPECT_EQ(late.epochs, 41u);
  EXPECT_EQ(late.points, 10u);
  EXPECT_EQ(plan_rest(0.0, {2, 1}, 1, 0, 0.0).epochs, 3u) << "never more than wished";
  EXPECT_EQ(plan_rest(1.0, {0.2, 0.1}, 8, 3, 0.98).points, 4u) << "the last point at least";
}

TEST(TimePlan, GoesFromWhereItWasMadeToTheEndInEqualSteps) {
  const TimePlan whole{.epochs = 40, .points = 16};
  EXPECT_EQ(whole.done_at(0), 0.0);
  EXPECT_EQ(whole.done_at(10), 0.25);
  EXPECT_EQ(whole.done_at(40), 1.0);
  const TimePlan later{.epochs = 30, .points = 8, .epoch = 20, .taken = 4, .done = 0.5};
  EXPECT_EQ(later.done_at(20), 0.5);
  EXPECT_DOUBLE_EQ(later.done_at(22.5), 0.625);
  EXPECT_EQ(later.done_at(30), 1.0);
}

std::vector<size_t> due(const KlSchedule& kl, const TimePlan& plan) {
  std::vector<size_t> epochs;
  for (size_t e = plan.epoch + 1; e <= plan.epochs; ++e) {
    if (point_is_due(kl, plan, e)) epochs.push_back(e);
  }
  return epochs;
}

TEST(TimePlan, PointsStandEverCloserTowardsTheEnd) {
  const KlSchedule kl{.low = 0.2, .high = 15.0, .warm_up = 0.0};
  // (p + 3 p^3) / 4 = 1/7, 3/7, 5/7 at p = 0.3915, 0.6975, 0.8715, and p = 1 - (1 - x)^1.5.
  EXPECT_EQ(due(kl, {.epochs = 1000, .points = 4}), (std::vector<size_t>{282, 550, 746, 1000}));
  EXPECT_EQ(due(kl, {.epochs = 9, .points = 1}), std::vector<size_t>{9});
  EXPECT_EQ(due(kl, {.epochs = 1, .points = 7}), std::vector<size_t>{1});
  // From where two points were taken and half is over, two equal steps of the rest.
  const TimePlan rest{.epochs = 600, .points = 4, .epoch = 100, .taken = 2, .done = 0.5};
  ASSERT_EQ(due(kl, rest).size(), 2u);
  const double halfway = 0.5 * (points_done(kl, 0.5) + 1.0);
  EXPECT_NEAR(points_done(kl, rest.done_at(static_cast<double>(due(kl, rest)[0]))), halfway, 0.003);
  const KlSchedule never{.low = 0.2, .high = 15.0, .warm_up = 1.0};
  EXPECT_EQ(due(never, {.epochs = 30, .points = 7}), std::vector<size_t>{30});
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
