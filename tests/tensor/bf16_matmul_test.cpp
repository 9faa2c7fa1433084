#include "ockham/tensor/bf16_matmul.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "ockham/tensor/kernels.hpp"
#include "ockham/tensor/matmul.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "tests/support/each_target.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

float nearest_bf16(float x) {
  uint16_t half = 0;
  round_to_bf16({&x, 1}, {&half, 1});
  return std::bit_cast<float>(uint32_t{half} << 16);
}

TEST(RoundToBf16, IsTheNearestTiesToEven) {
  std::mt19937 random(1);
  std::vector<float> x{0.0f, -0.0f, 1.0f, -2.5f, 1e-40f, 3e38f, -3.3e38f};
  for (size_t i = 0; i < 1000; ++i) {
    x.push_back(
        std::ldexp(static_cast<float>(random()) - 2e9f, static_cast<int>(random() % 60) - 60));
  }
  std::vector<uint16_t> halves(x.size());
  round_to_bf16(x, halves);
  for_each_target([&] {
    std::vector<uint16_t> again(x.size());
    round_to_bf16(x, again);
    EXPECT_EQ(again, halves);
  });
  for (size_t i = 0; i < x.size(); ++i) {
    const auto value = [](uint32_t half) { return double{std::bit_cast<float>(half << 16)}; };
    const double error = std::abs(value(halves[i]) - x[i]);
    // Neither neighbour is nearer; of two as near it is the even one.
    for (const uint32_t other : {halves[i] - 1u, halves[i] + 1u}) {
      if ((other & 0x7FFF) >= 0x7F80 || other > 0xFFFF) continue;  // not finite, or another sign
      const double of_other = std::abs(value(other) - x[i]);
      EXPECT_LE(error, of_other) << x[i];
      if (error == of_other && error > 0.0) {
        EXPECT_EQ(halves[i] % 2, 0) << x[i];
      }
    }
  }
  EXPECT_EQ(nearest_bf16(1.00390625f), 1.0f);       // 1 + 2^-8, a tie
  EXPECT_EQ(nearest_bf16(1.01171875f), 1.015625f);  // 1 + 3 * 2^-8, a tie
  EXPECT_TRUE(std::isinf(nearest_bf16(std::numeric_limits<float>::max())));
  EXPECT_TRUE(std::isinf(nearest_bf16(std::numeric_limits<float>::infinity())));
  EXPECT_TRUE(std::isnan(nearest_bf16(std::numeric_limits<float>::quiet_NaN())));
}

Matrix rounded(const Matrix& m) {
  Matrix out = m;
  for (float& x : out.values()) x = nearest_bf16(x);
  return out;
}

/// Products of bf16 numbers are exact in fp32: what differs from fp32's product of the rounded
/// factors are the roundings of k sums, of 6e-8 of the sum of magnitudes each.
void expect_near(ConstMatrixView got, ConstMatrixView expected, ConstMatrixView magnitudes,
                 size_t inner) {
  for (size_t r = 0; r < got.rows; ++r) {
    for (size_t c = 0; c < got.cols; ++c) {
      const double allowed = 2.0 * 6e-8 * static_cast<double>(inner + 1) * magnitudes(r, c);
      ASSERT_NEAR(got(r, c), expected(r, c), allowed) << r << ", " << c;
    }
  }
}

Matrix absolute(Matrix m) {
  for (float& x : m.values()) x = std::abs(x);
  return m;
}

constexpr size_t kRoundedShapes[][3] = {
    {1, 128, 512}, {32, 128, 512}, {17, 300, 128}, {33, 170, 193}, {600, 164, 200}};

/// oneDNN's products themselves, and those that a precision chooses: tiles where there are such.
class Bf16Matmul : public testing::Test {
 protected:
  void SetUp() override {
    if (!multiplies_bf16()) GTEST_SKIP() << "this processor has no bf16 products";
  }
};

TEST_F(Bf16Matmul, IsTheProductOfTheRoundedFactors) {
  std::mt19937 random(2);
  for (const auto& [m, k, n] : kRoundedShapes) {
    SCOPED_TRACE(testing::Message() << m << " " << k << " " << n);
    const Matrix a = random_matrix(random, m, k), b = random_matrix(random, k, n);
    const Matrix start = random_matrix(random, m, n + 3);
    const MatmulWeights weights(b, Precision::bf16);
    for (const Accumulate accumulate : {Accumulate::no, Accumulate::yes}) {
      Matrix got = start, expected = start, magnitudes = absolute(start);
      const auto columns = [&](Matrix& whole) { return whole.view().column_range(2, n); };
      weights.multiply(a, columns(got), accumulate);
      Matrix of_onednn = start;
      Bf16Weights(b).multiply(a, columns(of_onednn), accumulate == Accumulate::yes);
      matmul(rounded(a), rounded(b), columns(expected), accumulate);
      matmul(absolute(a), absolute(b), columns(magnitudes), Accumulate::yes);
      expect_near(got, expected, magnitudes, k);
      expect_near(of_onednn, expected, magnitudes, k);
      // And not that of the factors themselves.
      Matrix exact = start;
      matmul(a, b, columns(exact), accumulate);
      EXPECT_NE(got, exact);
    }
    const Matrix g = random_matrix(random, m, n);
    Matrix back(m, k), expected(m, k), magnitudes(m, k);
    weights.multiply_transposed(g, back, Accumulate::no);
    matmul(rounded(g), transposed(rounded(b)), expected, Accumulate::no);
    matmul(absolute(g), transposed(absolute(b)), magnitudes, Accumulate::no);
    expect_near(back, expected, magnitudes, n);
  }
}

TEST_F(Bf16Matmul, AWeightsGradientIsAddedUpOverAllTokens) {
  std::mt19937 random(3);
  for (const size_t tokens : {1u, 511u, 1'500u}) {
    const Matrix a = random_matrix(random, tokens, 130), b = random_matrix(random, tokens, 256);
    Matrix got = random_matrix(random, 130, 256), expected = got, magnitudes = absolute(got);
    Matrix of_onednn = got;
    matmul_transposed(a, b, got, Precision::bf16);
    bf16_matmul_transposed(a, b, of_onednn);
    matmul_transposed(rounded(a), rounded(b), expected);
    matmul_transposed(absolute(a), absolute(b), magnitudes);
    expect_near(got, expected, magnitudes, tokens);
    expect_near(of_onednn, expected, magnitudes, tokens);
  }
}

TEST_F(Bf16Matmul, SmallProductsAreFp32) {
  std::mt19937 random(4);
  const Matrix a = random_matrix(random, 5, 64), b = random_matrix(random, 64, 256);
  Matrix got(5, 256), expected(5, 256);
  MatmulWeights(b, Precision::bf16).multiply(a, got, Accumulate::no);
  matmul(a, b, expected, Accumulate::no);
  EXPECT_EQ(got, expected);
}

TEST_F(Bf16Matmul, MayRunInSeveralThreads) {
  std::mt19937 random(5);
  const Matrix a = random_matrix(random, 64, 128), b = random_matrix(random, 128, 256);
  const Bf16Weights weights(b);
  Matrix one(64, 256), several(64, 256);
  for (size_t r = 0; r < 64; ++r) {
    weights.multiply(a.view().row_range(r, 1), one.view().row_range(r, 1), false);
  }
  ThreadPool pool(4);
  pool.for_each(64, [&](size_t r) {
    weights.multiply(a.view().row_range(r, 1), several.view().row_range(r, 1), false);
  });
  EXPECT_EQ(one, several);
}

}  // namespace
}  // namespace ockham
