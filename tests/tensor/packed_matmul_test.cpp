#include "ockham/tensor/packed_matmul.hpp"

#include <gtest/gtest.h>

#include "ockham/tensor/matmul.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "tests/support/each_target.hpp"
#include "tests/support/framed_matrix.hpp"
#include "tests/support/plain_matrix.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

// Of tiles, panels and blocks none, parts of one, one, and several with and without a rest: tiles
// are of up to 6 rows, panels of 16 columns, blocks of 120 rows, of 320 inner and of 128 tokens.
constexpr size_t kShapes[][3] = {{1, 128, 512}, {1, 40, 70},   {2, 7, 16},   {3, 0, 40},
                                 {4, 31, 33},   {5, 128, 15},  {6, 321, 64}, {7, 2, 1},
                                 {0, 8, 16},    {6, 8, 0},     {6, 640, 81}, {32, 300, 40},
                                 {121, 65, 48}, {250, 700, 19}};

testing::Message shape_text(size_t m, size_t k, size_t n) {
  return testing::Message() << "[" << m << ", " << k << "] x [" << k << ", " << n << "]";
}

TEST(PackedMatmul, EqualsTheNaiveProduct) {
  for_each_target([] {
    std::mt19937 random(1);
    for (const auto& [m, k, n] : kShapes) {
      SCOPED_TRACE(shape_text(m, k, n));
      Framed a(random, m, k, kNan), b(random, k, n, kNan), c(random, m, n, kGuard);
      const auto element = [&](size_t i, size_t l) { return a.window()(i, l); };
      const PackedWeights weights(b.window());
      for (const bool accumulate : {true, false}) {
        const Matrix before = accumulate ? copy_of(c.window()) : Matrix(m, n);
        weights.multiply(a.window(), c.window(), accumulate);
        expect_product(c.window(), before, element, b.window(), k);
        EXPECT_TRUE(c.frame_is(kGuard));
      }
    }
  });
}

TEST(PackedMatmul, TransposedEqualsTheNaiveProduct) {
  for_each_target([] {
    std::mt19937 random(2);
    for (const auto& [m, tokens, n] : kShapes) {
      SCOPED_TRACE(shape_text(m, tokens, n));
      Framed a(random, tokens, m, kNan), b(random, tokens, n, kNan), c(random, m, n, kGuard);
      const auto element = [&](size_t i, size_t token) { return a.window()(token, i); };
      const Matrix before = copy_of(c.window());
      packed_matmul_transposed(a.window(), b.window(), c.window());
      expect_product(c.window(), before, element, b.window(), tokens);
      EXPECT_TRUE(c.frame_is(kGuard));
    }
  });
}

TEST(PackedMatmul, ARowsSumsDoNotDependOnTheOthers) {
  for_each_target([] {
    std::mt19937 random(3);
    const Matrix a = random_matrix(random, 70, 350), b = random_matrix(random, 350, 137);
    const PackedWeights weights(b);
    Matrix together(70, 137), alone(70, 137), in_threes(70, 137);
    weights.multiply(a, together, false);
    ThreadPool pool(4);
    pool.for_each(70, [&](size_t r) {
      weights.multiply(a.view().row_range(r, 1), alone.view().row_range(r, 1), false);
    });
    EXPECT_EQ(together, alone);
    for (size_t r = 0; r < 70; r += 3) {
      const size_t rows = std::min<size_t>(3, 70 - r);
      weights.multiply(a.view().row_range(r, rows), in_threes.view().row_range(r, rows), false);
    }
    EXPECT_EQ(together, in_threes);
  });
}

/// Whether products of weights [k, n] are those of PackedWeights, and their gradients.
void expect_packed_products(size_t k, size_t n) {
  std::mt19937 random(4);
  const Matrix a = random_matrix(random, 40, k), b = random_matrix(random, k, n);
  const Matrix g = random_matrix(random, 40, n);
  const MatmulWeights weights(b, Precision::fp32);
  EXPECT_EQ(weights.plain(), nullptr);
  EXPECT_EQ(weights.rows(), k);
  EXPECT_EQ(weights.cols(), n);
  Matrix got(40, n), expected(40, n);
  weights.multiply(a, got, Accumulate::no);
  PackedWeights(b).multiply(a, expected, false);
  EXPECT_EQ(got, expected);
  Matrix got_back(40, k), expected_back(40, k);
  weights.multiply_transposed(g, got_back, Accumulate::no);
  PackedWeights(transposed(b)).multiply(g, expected_back, false);
  EXPECT_EQ(got_back, expected_back);
  Matrix got_gradient(k, n), expected_gradient(k, n);
  matmul_transposed(a, g, got_gradient, Precision::fp32);
  packed_matmul_transposed(a, g, expected_gradient);
  EXPECT_EQ(got_gradient, expected_gradient);
}

TEST(PackedMatmul, IsWhatLargeWeightsUseWhereItIsFaster) {
  if (multiplies_tiles()) GTEST_SKIP() << "tiles are used on this processor";
  size_t targets = 0;
  for_each_target([&] {
    if (!multiplies_packed()) return;
    ++targets;
    expect_packed_products(128, 256);
    const MatmulWeights narrow(Matrix(16'400, 2, 0.5f), Precision::fp32);
    EXPECT_NE(narrow.plain(), nullptr);
  });
  if (targets == 0) GTEST_SKIP() << "this processor has no AVX2";
}

TEST(PackedMatmul, SmallWeightsStayPlain) {
  const Matrix b(8, 32, 0.5f);
  const MatmulWeights weights(b, Precision::fp32);
  ASSERT_NE(weights.plain(), nullptr);
  EXPECT_EQ(*weights.plain(), b);
}

}  // namespace
}  // namespace ockham
