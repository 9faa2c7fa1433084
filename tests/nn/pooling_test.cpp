#include "ockham/nn/pooling.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "tests/support/random_matrix.hpp"
#include "tests/support/sample_network.hpp"

namespace ockham {
namespace {

constexpr size_t kWidth = 3;

/// Pools and back, slice by slice; y and dy [tokens] in the order of the batch.
struct Pooled {
  Pooled(Pooling pooling, const TokenBatch& batch, const Matrix& y, bool reverse,
         const Matrix& dsummary)
      : summary(batch.size(), kWidth, 99.0f), dy(y.rows(), y.cols()) {
    const PackedBatch packed(batch);
    const size_t d = reverse ? 1 : 0;
    Matrix packed_y(y.rows(), y.cols()), packed_dy(y.rows(), y.cols(), 0.5f);
    for (size_t i = 0; i < y.rows(); ++i) {
      std::copy_n(y.row(i), y.cols(), packed_y.row(packed.row_of[d][i]));
    }
    for (const Slice& slice : packed.slices) {
      PoolingChoice choice;
      pool_forward(pooling, slice, packed_y, reverse, summary, choice);
      pool_backward(pooling, slice, dsummary, choice, packed_dy);
    }
    for (size_t i = 0; i < y.rows(); ++i) {
      std::copy_n(packed_dy.row(packed.row_of[d][i]), y.cols(), dy.row(i));
    }
  }
  Matrix summary, dy;
};

/// What a text's outputs become, and how its gradient is shared out, as the words say it.
void naive(Pooling pooling, const Matrix& y, size_t begin, size_t end, bool reverse, size_t j,
           float& pooled, std::vector<float>& share) {
  pooled = 0.0f;
  share.assign(end - begin, 0.0f);
  if (begin == end) return;
  if (pooling == Pooling::last) {
    const size_t at = reverse ? begin : end - 1;
    pooled = y(at, j);
    share[at - begin] = 1.0f;
  } else if (pooling == Pooling::mean) {
    for (size_t i = begin; i < end; ++i) pooled += y(i, j) / static_cast<float>(end - begin);
    share.assign(end - begin, 1.0f / static_cast<float>(end - begin));
  } else {
    size_t best = begin;
    for (size_t i = begin; i < end; ++i) {
      if (y(i, j) > y(best, j)) best = i;  // the first maximum in the text
    }
    pooled = y(best, j);
    share[best - begin] = 1.0f;
  }
}

void expect_naive(Pooling pooling, const TokenBatch& batch, const Matrix& y, bool reverse) {
  SCOPED_TRACE(testing::Message() << pooling_name(pooling) << (reverse ? ", reverse" : ""));
  std::mt19937 random(2);
  const Matrix dsummary = random_matrix(random, batch.size(), kWidth);
  const Pooled got(pooling, batch, y, reverse, dsummary);
  for (size_t b = 0; b < batch.size(); ++b) {
    for (size_t j = 0; j < kWidth; ++j) {
      float pooled = 0.0f;
      std::vector<float> share;
      naive(pooling, y, batch.offsets[b], batch.offsets[b + 1], reverse, j, pooled, share);
      EXPECT_NEAR(got.summary(b, j), pooled, 1e-6) << "text " << b << ", unit " << j;
      for (size_t i = 0; i < share.size(); ++i) {
        EXPECT_NEAR(got.dy(batch.offsets[b] + i, j), 0.5 + share[i] * dsummary(b, j), 1e-6)
            << "text " << b << ", token " << i << ", unit " << j;
      }
    }
  }
  for (size_t i = 0; i < y.rows(); ++i) {
    for (size_t j = kWidth; j < y.cols(); ++j) EXPECT_EQ(got.dy(i, j), 0.5f);  // padding
  }
}

const std::vector<size_t> kPooledLengths = {3, 1, 0, 5, 2, 0, 4, 7, 1};

TEST(Pooling, EqualsTheNaiveOne) {
  std::mt19937 random(1);
  const TokenBatch batch = sample_batch(kPooledLengths, 5, 1);
  const Matrix y = random_matrix(random, batch.words.size(), kWidth + 1);
  for (const Pooling pooling : {Pooling::max, Pooling::mean, Pooling::last}) {
    for (const bool reverse : {false, true}) expect_naive(pooling, batch, y, reverse);
  }
}

TEST(Pooling, TiesGiveTheirGradientToTheFirstMaximumInTheText) {
  std::mt19937 random(3);
  const TokenBatch batch = sample_batch(kPooledLengths, 5, 1);
  Matrix y(batch.words.size(), kWidth + 1);
  for (float& v : y.values()) v = static_cast<float>(random() % 2);  // nearly everything ties
  for (const bool reverse : {false, true}) expect_naive(Pooling::max, batch, y, reverse);
}

TEST(Pooling, MaximumOfNegativeNumbersIsNotZero) {
  const TokenBatch batch = sample_batch({2, 3}, 5, 1);
  const Matrix y(5, kWidth + 1, -2.0f);
  expect_naive(Pooling::max, batch, y, false);
}

TEST(Pooling, TextsWithoutTokensGiveZeros) {
  const TokenBatch batch = sample_batch({0, 0}, 5, 1);
  for (const Pooling pooling : {Pooling::max, Pooling::mean, Pooling::last}) {
    const Pooled got(pooling, batch, Matrix(0, kWidth), false, Matrix(2, kWidth, 1.0f));
    EXPECT_EQ(got.summary, Matrix(2, kWidth));
  }
}

TEST(Pooling, NamesAreReadBack) {
  for (const Pooling pooling : {Pooling::max, Pooling::mean, Pooling::last}) {
    EXPECT_EQ(parse_pooling(pooling_name(pooling)), pooling);
  }
  EXPECT_THROW(parse_pooling("median"), Error);
}

}  // namespace
}  // namespace ockham
