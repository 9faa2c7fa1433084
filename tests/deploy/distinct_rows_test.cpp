#include "ockham/deploy/distinct_rows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>

namespace ockham {
namespace {

Matrix matrix_of(std::initializer_list<std::initializer_list<float>> rows) {
  Matrix m(rows.size(), rows.begin()->size());
  size_t r = 0;
  for (const auto& row : rows) std::copy(row.begin(), row.end(), m.row(r++));
  return m;
}

TEST(DistinctRows, HoldEachRowOnceInTheOrderOfTheirFirstAppearance) {
  const DistinctRows got =
      distinct_rows(matrix_of({{1, 2}, {2, 1}, {1, 2}, {0, 0}, {2, 1}, {1, 2}, {1, 3}}));
  EXPECT_EQ(got.rows, matrix_of({{1, 2}, {2, 1}, {0, 0}, {1, 3}}));
  EXPECT_EQ(got.row_of, (std::vector<uint32_t>{0, 1, 0, 2, 1, 0, 3}));
}

TEST(DistinctRows, GiveBackTheMatrixToTheBit) {
  std::mt19937 random(1);
  Matrix m(500, 3);
  const float values[] = {0.0f, -0.0f, 0.5f, std::bit_cast<float>(0x7FC00001u), 1e-45f};
  for (float& x : m.values()) x = values[random() % 5];
  const DistinctRows got = distinct_rows(m);
  EXPECT_LE(got.rows.rows(), 125u);  // 5^3
  ASSERT_EQ(got.row_of.size(), m.rows());
  for (size_t r = 0; r < m.rows(); ++r) {
    ASSERT_LT(got.row_of[r], got.rows.rows());
    for (size_t c = 0; c < m.cols(); ++c) {
      ASSERT_EQ(std::bit_cast<uint32_t>(got.rows(got.row_of[r], c)),
                std::bit_cast<uint32_t>(m(r, c)));
    }
  }
}

TEST(DistinctRows, OfNothing) {
  EXPECT_EQ(distinct_rows(Matrix(0, 4)).rows.rows(), 0u);
  const DistinctRows got = distinct_rows(Matrix(3, 0));  // rows without numbers are the same
  EXPECT_EQ(got.rows.rows(), 1u);
  EXPECT_EQ(got.row_of, (std::vector<uint32_t>{0, 0, 0}));
}

}  // namespace
}  // namespace ockham
