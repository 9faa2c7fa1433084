#include "ockham/deploy/rows_ahead.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace ockham {
namespace {

/// A direction of one LSTM unit whose table's row r starts with 10 r, for tokens with rows 1, 3, 0
/// and 2.
LaneDirection numbered_rows(bool reverse) {
  FoldedDirection direction;
  direction.weight_ih = Matrix(1, 4);
  direction.weight_hh = Matrix(1, 4);
  direction.bias = Matrix(1, 4);
  direction.weight_ih(0, 0) = 10.0f;
  DistinctRows words{Matrix(4, 1), {1, 3, 0, 2}};
  for (size_t r = 0; r < 4; ++r) words.rows(r, 0) = static_cast<float>(r);
  return {direction, Cell::lstm, GateFunction::sigmoid, &words, reverse};
}

/// What the rows of the steps from t on start with, lane by lane.
std::vector<std::vector<float>> starts(const LaneDirection& direction, const LaneTexts& texts,
                                       uint32_t t, size_t steps) {
  constexpr size_t kFirst = 2, kLanes = 3;
  std::vector<const float*> rows(steps * kLanes);
  rows_ahead(direction, texts, kFirst, kLanes, t, rows);
  std::vector<std::vector<float>> result(kLanes);
  for (size_t s = 0; s < steps; ++s) {
    for (size_t i = 0; i < kLanes; ++i) result[i].push_back(*rows[s * kLanes + i]);
  }
  return result;
}

class RowsAhead : public testing::Test {
 protected:
  RowsAhead() {
    texts_.tokens[2] = long_.data();
    texts_.lengths[2] = 5;
    texts_.tokens[3] = short_.data();
    texts_.lengths[3] = 2;
  }

  const std::vector<uint32_t> long_{0, 1, 2, 3, 0}, short_{3, 1};  // rows 1 3 0 2 1 and 2 3
  LaneTexts texts_;
};

TEST_F(RowsAhead, FollowTheTextsAndStayAtTheLastToken) {
  const LaneDirection forward = numbered_rows(false);
  EXPECT_EQ(starts(forward, texts_, 0, 3),
            (std::vector<std::vector<float>>{{10, 30, 0}, {20, 30, 30}, {0, 0, 0}}));
  EXPECT_EQ(starts(forward, texts_, 3, 3),
            (std::vector<std::vector<float>>{{20, 10, 10}, {30, 30, 30}, {0, 0, 0}}));
}

TEST_F(RowsAhead, GoBackFromTheLastToken) {
  const LaneDirection backward = numbered_rows(true);
  EXPECT_EQ(starts(backward, texts_, 0, 3),
            (std::vector<std::vector<float>>{{10, 20, 0}, {30, 20, 20}, {0, 0, 0}}));
  EXPECT_EQ(starts(backward, texts_, 1, 5),
            (std::vector<std::vector<float>>{
                {20, 0, 30, 10, 10}, {20, 20, 20, 20, 20}, {0, 0, 0, 0, 0}}));
}

}  // namespace
}  // namespace ockham
