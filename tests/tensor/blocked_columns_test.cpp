#include "ockham/tensor/blocked_columns.hpp"

#include <gtest/gtest.h>

#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

TEST(BlockedColumns, PadsToWholeVectors) {
  const auto stride = [](size_t width) { return padded_blocks(4, width).stride; };
  EXPECT_EQ(stride(0), 0u);
  EXPECT_EQ(stride(1), 4u);
  EXPECT_EQ(stride(4), 4u);
  EXPECT_EQ(stride(5), 8u);
  EXPECT_EQ(stride(8), 8u);
  EXPECT_EQ(stride(9), 16u);
  EXPECT_EQ(padded_blocks(4, 5).narrow(), 20u);
  EXPECT_EQ(padded_blocks(4, 5).wide(), 32u);
}

TEST(BlockedColumns, WidenPutsZerosBetweenAndBelow) {
  std::mt19937 random(1);
  const Matrix narrow = random_matrix(random, 2, 6);
  const BlockedColumns columns{2, 3, 4};
  const Matrix wide = widen(narrow, columns, 3);
  ASSERT_EQ(wide.rows(), 3u);
  ASSERT_EQ(wide.cols(), 8u);
  for (size_t r = 0; r < 3; ++r) {
    for (size_t j = 0; j < 8; ++j) {
      const bool padding = r == 2 || j % 4 == 3;
      EXPECT_EQ(wide(r, j), padding ? 0.0f : narrow(r, j / 4 * 3 + j % 4)) << r << ", " << j;
    }
  }
}

TEST(BlockedColumns, AddNarrowedLeavesThePaddingBehind) {
  std::mt19937 random(2);
  const Matrix before = random_matrix(random, 2, 6), wide = random_matrix(random, 3, 8);
  Matrix narrow = before;
  add_narrowed(wide, {2, 3, 4}, narrow);
  for (size_t r = 0; r < 2; ++r) {
    for (size_t j = 0; j < 6; ++j) {
      EXPECT_EQ(narrow(r, j), before(r, j) + wide(r, j / 3 * 4 + j % 3)) << r << ", " << j;
    }
  }
}

}  // namespace
}  // namespace ockham
