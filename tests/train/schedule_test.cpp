#include "ockham/train/schedule.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

TEST(KlSchedule, RisesFromNothingOverTheWarmUpThenEverMoreSlowly) {
  const KlSchedule schedule{.low = 0.1, .high = 6.4, .warm_up = 0.25};
  EXPECT_EQ(schedule.scale(0 / 400.0), 0.0);
  EXPECT_DOUBLE_EQ(schedule.scale(25 / 400.0), 0.025);
  EXPECT_DOUBLE_EQ(schedule.scale(50 / 400.0), 0.05);
  EXPECT_DOUBLE_EQ(schedule.scale(100 / 400.0), 0.1);
  // Three quarters of the rest are left when the exponent is at 1 - (3/4)^1.5 = 0.350481.
  EXPECT_NEAR(schedule.scale(175 / 400.0), 0.1 * std::pow(64.0, 0.3504809471616711), 1e-12);
  EXPECT_NEAR(schedule.scale(325 / 400.0), 0.1 * std::pow(64.0, 0.875), 1e-12);
  EXPECT_DOUBLE_EQ(schedule.scale(400 / 400.0), 6.4);
}

TEST(KlSchedule, EqualEndsHoldTheScale) {
  const KlSchedule schedule{.low = 2.0, .high = 2.0, .warm_up = 0.5};
  EXPECT_DOUBLE_EQ(schedule.scale(1 / 4.0), 1.0);
  for (const uint64_t step : {2u, 3u, 4u})
    EXPECT_DOUBLE_EQ(schedule.scale(static_cast<double>(step) / 4), 2.0);
}

TEST(KlSchedule, WithoutWarmUpAndWithNothingElse) {
  const KlSchedule none{.low = 0.5, .high = 8.0, .warm_up = 0.0};
  EXPECT_DOUBLE_EQ(none.scale(0 / 10.0), 0.5);
  EXPECT_DOUBLE_EQ(none.scale(10 / 10.0), 8.0);
  const KlSchedule only{.low = 0.5, .high = 8.0, .warm_up = 1.0};
  EXPECT_DOUBLE_EQ(only.scale(5 / 10.0), 0.25);
  EXPECT_DOUBLE_EQ(only.scale(10 / 10.0), 0.5);
}

TEST(KlSchedule, NeverFalls) {
  EXPECT_TRUE(rc::check([] {
    const KlSchedule schedule{.low = *rc::gen::inRange(1, 100) / 100.0,
                              .high = 1.0 + *rc::gen::inRange(0, 100) / 10.0,
                              .warm_up = *rc::gen::inRange(0, 101) / 100.0};
    const auto steps = *rc::gen::inRange<uint64_t>(1, 1000);
    const auto step = *rc::gen::inRange<uint64_t>(0, steps);
    const double done = static_cast<double>(step) / static_cast<double>(steps);
    const double later = static_cast<double>(step + 1) / static_cast<double>(steps);
    RC_ASSERT(schedule.scale(done) <= schedule.scale(later) * (1 + 1e-12));
    RC_ASSERT(schedule.scale(done) >= 0.0);
    RC_ASSERT(schedule.scale(1.0) <= schedule.high * (1 + 1e-12));
  }));
}

TEST(KlSchedule, AnnealsInEveryShape) {
  KlSchedule schedule{.low = 2.0, .high = 2.0, .warm_up = 0.5};
  EXPECT_DOUBLE_EQ(schedule.scale(25 / 100.0), 1.0);
  EXPECT_DOUBLE_EQ(schedule.scale(50 / 100.0), 2.0);
  schedule.annealing = Annealing::cosine;
  EXPECT_DOUBLE_EQ(schedule.scale(0 / 100.0), 0.0);
  EXPECT_NEAR(schedule.scale(25 / 100.0), 1.0, 1e-12);
  EXPECT_NEAR(schedule.scale(10 / 100.0), 1.0 - std::cos(3.14159265358979 * 0.2), 1e-12);
  EXPECT_DOUBLE_EQ(schedule.scale(50 / 100.0), 2.0);
  schedule.annealing = Annealing::none;
  EXPECT_DOUBLE_EQ(schedule.scale(0 / 100.0), 2.0);
  schedule.annealing = Annealing::cyclic;
  schedule.cycles = 2;
  EXPECT_DOUBLE_EQ(schedule.scale(0 / 100.0), 0.0);
  EXPECT_DOUBLE_EQ(schedule.scale(10 / 100.0), 0.8);
  EXPECT_DOUBLE_EQ(schedule.scale(25 / 100.0), 2.0);
  EXPECT_DOUBLE_EQ(schedule.scale(49 / 100.0), 2.0);
  EXPECT_DOUBLE_EQ(schedule.scale(50 / 100.0), 2.0);  // the end of a cycle
  EXPECT_NEAR(schedule.scale(51 / 100.0), 0.08, 1e-12);
  EXPECT_DOUBLE_EQ(schedule.scale(100 / 100.0), 2.0);  // the end is no new beginning
  for (const Annealing a :
       {Annealing::none, Annealing::linear, Annealing::cosine, Annealing::cyclic}) {
    EXPECT_EQ(parse_annealing(annealing_name(a)), a);
  }
  EXPECT_THROW(parse_annealing("linaer"), Error);
}

TEST(KlSchedule, ThePathRisesInEveryShape) {
  for (const Annealing a : {Annealing::none, Annealing::linear, Annealing::cosine}) {
    const KlSchedule schedule{.low = 0.2, .high = 15.0, .warm_up = 0.2, .annealing = a};
    double last = -1.0;
    for (int step = 0; step <= 100; ++step) {
      EXPECT_GE(schedule.scale(step / 100.0), last);
      last = schedule.scale(step / 100.0);
    }
    EXPECT_DOUBLE_EQ(last, 15.0);
  }
}

TEST(DropoutSchedule, GoesFromOneShareToTheOtherInAStraightLine) {
  const DropoutSchedule falls{0.7, 0.45};
  EXPECT_DOUBLE_EQ(falls.at(0.0), 0.7);
  EXPECT_DOUBLE_EQ(falls.at(0.2), 0.65);
  EXPECT_DOUBLE_EQ(falls.at(1.0), 0.45);
  const DropoutSchedule steady{0.3, 0.3};
  for (const double done : {0.0, 0.4, 1.0}) EXPECT_EQ(steady.at(done), 0.3);
}

}  // namespace
}  // namespace ockham
