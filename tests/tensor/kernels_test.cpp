#include "ockham/tensor/kernels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/each_target.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

// Around the vectors' lengths of 4, 8 and 16, and 0.
const std::vector<size_t> kLengths = {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 100};

/// Both signs, magnitudes from 1e-6 to the ends of what exp can take, and dense near 0.
std::vector<float> wide_range() {
  std::vector<float> x = {0.0f, -0.0f, 1e-30f, -1e-30f, 87.0f, -87.0f};
  for (float magnitude = 1e-6f; magnitude < 88.0f; magnitude *= 1.07f) {
    x.push_back(magnitude);
    x.push_back(-magnitude);
  }
  for (int i = -400; i <= 400; ++i) x.push_back(0.01f * static_cast<float>(i));
  return x;
}

FloatVector applied(void (*kernel)(std::span<const float>, std::span<float>),
                    std::span<const float> x) {
  FloatVector y(x.size(), -1.0f);
  kernel(x, y);
  return y;
}

TEST(Kernels, SigmoidIsRightToAFewRoundings) {
  for_each_target([] {
    const auto x = wide_range();
    const auto y = applied(sigmoid, x);
    for (size_t i = 0; i < x.size(); ++i) {
      const double expected = 1.0 / (1.0 + std::exp(-double{x[i]}));
      EXPECT_NEAR(y[i], expected, 4e-7 * expected) << x[i];
    }
  });
}

TEST(Kernels, TanhIsRightToAFewRoundings) {
  for_each_target([] {
    const auto x = wide_range();
    const auto y = applied(tanh_fast, x);
    for (size_t i = 0; i < x.size(); ++i) {
      const double expected = std::tanh(double{x[i]});
      EXPECT_NEAR(y[i], expected, 4e-7 * std::abs(expected)) << x[i];
    }
  });
}

TEST(Kernels, ExponentialIsRightToAFewRoundings) {
  for_each_target([] {
    const auto x = wide_range();
    const auto y = applied(exponential, x);
    for (size_t i = 0; i < x.size(); ++i) {
      const double expected = std::exp(double{x[i]});
      EXPECT_NEAR(y[i], expected, 4e-7 * expected) << x[i];
    }
  });
}

TEST(Kernels, SaturateFarOut) {
  for_each_target([] {
    const std::vector<float> x = {-1e30f, -1000.0f, -120.0f, 120.0f, 1000.0f, 1e30f};
    const auto s = applied(sigmoid, x);
    const auto t = applied(tanh_fast, x);
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_NEAR(s[i], x[i] > 0 ? 1.0 : 0.0, 1e-30) << x[i];
      EXPECT_NEAR(t[i], x[i] > 0 ? 1.0f : -1.0f, 4e-7) << x[i];
    }
    const auto e = applied(exponential, x);
    EXPECT_EQ(e[0], 0.0f);
    for (size_t i = 3; i < x.size(); ++i) EXPECT_GT(e[i], 1e38f) << x[i];
  });
}

/// Every length gives element by element what a single element gives, and nothing behind the end
/// is written.
TEST(Kernels, ElementsDoNotDependOnTheLength) {
  for_each_target([] {
    std::mt19937 random(1);
    for (const auto kernel : {sigmoid, tanh_fast, exponential}) {
      for (const size_t n : kLengths) {
        const Matrix x = random_matrix(random, 1, n + 1, 0.0f, 3.0f);
        FloatVector y(n + 1, -7.0f);
        kernel(x.values().first(n), std::span(y).first(n));
        EXPECT_EQ(y[n], -7.0f);
        for (size_t i = 0; i < n; ++i) {
          float one = 0.0f;
          kernel(x.values().subspan(i, 1), {&one, 1});
          // Multiply-add may be fused in one width and not in the other.
          EXPECT_NEAR(y[i], one, 4e-7f * std::max(1.0f, one)) << n << ", " << i;
        }
      }
    }
  });
}

TEST(Kernels, InPlaceEqualsOutOfPlace) {
  std::mt19937 random(2);
  for (const auto kernel : {sigmoid, tanh_fast, exponential}) {
    Matrix x = random_matrix(random, 1, 37);
    const auto expected = applied(kernel, x.values());
    kernel(x.values(), x.values());
    for (size_t i = 0; i < 37; ++i) EXPECT_EQ(x.values()[i], expected[i]);
  }
}

TEST(Kernels, LogSumExpNeitherOverflowsNorLosesSmallTerms) {
  for_each_target([] {
    std::mt19937 random(3);
    for (const size_t n : kLengths) {
      if (n == 0) continue;
      for (const float offset : {0.0f, 500.0f, -500.0f}) {
        const Matrix x = random_matrix(random, 1, n, offset, 4.0f);
        double sum = 0.0;
        for (const float v : x.values()) sum += std::exp(double{v} - offset);
        // Half an ulp at 500 is 1.5e-5.
        EXPECT_NEAR(log_sum_exp(x.values()), offset + std::log(sum),
                    1e-6 + std::abs(offset) * 1e-7);
      }
    }
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(log_sum_exp(std::vector<float>(9, -kInfinity)), -kInfinity);
    EXPECT_NEAR(log_sum_exp(std::vector<float>{-kInfinity, 2.0f}), 2.0, 1e-6);
  });
}

TEST(Kernels, AddScaledScaleAndMultiply) {
  for_each_target([] {
    std::mt19937 random(4);
    for (const size_t n : kLengths) {
      const Matrix x = random_matrix(random, 1, n), y = random_matrix(random, 1, n);
      Matrix sum = y, scaled = y, product = y;
      add_scaled(-1.7f, x.values(), sum.values());
      scale(0.3f, scaled.values());
      multiply(x.values(), product.values());
      for (size_t i = 0; i < n; ++i) {
        const double a = x.values()[i], b = y.values()[i];
        EXPECT_NEAR(sum.values()[i], b - 1.7 * a, 1e-6);
        EXPECT_NEAR(scaled.values()[i], 0.3 * b, 1e-6);
        EXPECT_NEAR(product.values()[i], a * b, 1e-6);
      }
    }
  });
}

TEST(Kernels, DotAndSumOfSquares) {
  for_each_target([] {
    std::mt19937 random(5);
    for (const size_t n :
         {size_t{0}, size_t{1}, size_t{9}, size_t{33}, size_t{4096}, size_t{10001}}) {
      const Matrix x = random_matrix(random, 1, n), y = random_matrix(random, 1, n);
      double inner = 0.0, squares = 0.0;
      for (size_t i = 0; i < n; ++i) {
        inner += double{x.values()[i]} * y.values()[i];
        squares += double{x.values()[i]} * x.values()[i];
      }
      // fp32 sums over at most n / 4 terms a lane; rounding grows with the root of their number.
      const double allowed = 1e-6 * std::sqrt(static_cast<double>(n) + 1.0);
      EXPECT_NEAR(dot(x.values(), y.values()), inner, 3 * allowed);
      EXPECT_NEAR(sum_of_squares(x.values()), squares, 1e-6 * squares + allowed);
    }
  });
}

TEST(Kernels, SumOfSquaresKeepsItsPrecisionOverMillions) {
  // In one fp32 sum 3e6 ones would stop growing usefully; the chunks are added in double.
  const FloatVector ones(3'000'001, 1.0f);
  EXPECT_EQ(sum_of_squares(ones), 3'000'001.0);
}

TEST(Kernels, GatherRowsScalesAndRepeats) {
  std::mt19937 random(6);
  const Matrix table = random_matrix(random, 5, 7);
  std::vector<uint32_t> index = {4, 0, 4, 2};
  std::vector<float> factor = {2.0f, -1.0f, 0.5f, 0.0f};
  while (index.size() < 50) {  // some come ahead of their turn
    index.push_back(static_cast<uint32_t>(random() % table.rows()));
    factor.push_back(static_cast<float>(index.size()));
  }
  Matrix plain(index.size(), 7), scaled(index.size(), 7);
  gather_rows(table.view().column_range(1, 6), index, {}, plain.view().column_range(0, 6));
  gather_rows(table, index, factor, scaled);
  for (size_t i = 0; i < index.size(); ++i) {
    for (size_t j = 0; j < 6; ++j) EXPECT_EQ(plain(i, j), table(index[i], j + 1));
    EXPECT_EQ(plain(i, 6), 0.0f);
    for (size_t j = 0; j < 7; ++j) EXPECT_EQ(scaled(i, j), factor[i] * table(index[i], j));
  }
}

TEST(Kernels, AddRowsIsTheTransposeOfGatherRows) {
  std::mt19937 random(7);
  const Matrix rows = random_matrix(random, 6, 5);
  const std::vector<uint32_t> members = {5, 1, 5};
  const std::vector<float> factor = {9.0f, 2.0f, 9.0f, 9.0f, 9.0f, -0.5f};
  std::vector<float> plain(5, 1.0f), scaled(5, 1.0f);
  add_rows(rows, members, {}, plain);
  add_rows(rows, members, factor, scaled);
  for (size_t j = 0; j < 5; ++j) {
    EXPECT_NEAR(plain[j], 1.0 + 2.0 * rows(5, j) + rows(1, j), 1e-6);
    EXPECT_NEAR(scaled[j], 1.0 - 0.5 * 2 * rows(5, j) + 2.0 * rows(1, j), 1e-6);
  }
}

}  // namespace
}  // namespace ockham
