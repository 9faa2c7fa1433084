#include "ockham/nn/packed_steps.hpp"

#include <gtest/gtest.h>

namespace ockham {
namespace {

/// 90 sequences that end one by one, behind rows of other slices.
Slice long_slice() {
  Slice slice;
  uint32_t row = 1000;
  for (uint32_t live = 90; live > 0; --live) {
    slice.step_begin.push_back(row);
    row += live;
  }
  slice.step_begin.push_back(row);
  for (uint32_t i = 0; i < 90; ++i) slice.sequences.push_back(i);
  return slice;
}

TEST(InputFeed, BringsEveryRowOnceBeforeItsStep) {
  const Slice slice = long_slice();
  for (const size_t columns : {1u, 300u, 512u, 9'362u, 100'000u}) {
    SCOPED_TRACE(columns);
    size_t brought = slice.first_row(), calls = 0;
    RecurrentDraw draw;
    draw.bring_inputs = [&](size_t first, size_t count) {
      EXPECT_EQ(first, brought) << "neither a gap nor twice";
      EXPECT_GT(count, 0u);
      brought += count;
      ++calls;
    };
    InputFeed feed(draw, slice, columns);
    for (size_t t = 0; t < slice.steps(); ++t) {
      feed.need(t);
      EXPECT_GE(brought, slice.step_begin[t + 1]) << "step " << t;
      EXPECT_LE(brought, slice.step_begin.back());
    }
    EXPECT_EQ(brought, slice.step_begin.back());
    if (columns == 1) {
      EXPECT_EQ(calls, 1u) << "all fit into the cache";
    }
    if (columns == 9'362) {
      EXPECT_GT(calls, 10u);
    }
  }
}

TEST(InputFeed, SaysHowFarStepsCanGoWithoutTheNext) {
  const Slice slice = long_slice();
  for (const size_t columns : {1u, 300u, 9'362u, 100'000u}) {
    SCOPED_TRACE(columns);
    size_t brought = slice.first_row(), stops = 0;
    RecurrentDraw draw;
    draw.bring_inputs = [&](size_t, size_t count) { brought += count; };
    InputFeed feed(draw, slice, columns);
    for (size_t t = 0; t < slice.steps(); ++stops) {
      const size_t end = feed.bring_for(t);
      ASSERT_GT(end, t);
      EXPECT_GE(brought, slice.step_begin[end]) << "its inputs have come";
      if (end < slice.steps()) {
        EXPECT_LT(brought, slice.step_begin[end + 1]) << "no step more";
      }
      t = end;
    }
    EXPECT_EQ(stops == 1, columns == 1);
  }
  EXPECT_EQ(InputFeed(RecurrentDraw(), slice, 1).bring_for(3), slice.steps())
      << "they stand there already";
}

}  // namespace
}  // namespace ockham
