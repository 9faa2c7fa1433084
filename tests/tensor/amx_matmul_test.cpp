#include "ockham/tensor/amx_matmul.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <thread>

#include "ockham/tensor/denormals.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/matmul.hpp"
#include "ockham/tensor/precision.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "tests/support/amx_formats.hpp"
#include "tests/support/plain_matrix.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

class AmxMatmul : public testing::Test {
 protected:
  void SetUp() override {
    if (!multiplies_tiles()) GTEST_SKIP() << "this processor has no AMX";
  }
};

TEST_F(AmxMatmul, WhatIsNoNumberStaysNone) {
  for (const uint32_t bits : {0x7FFFFFFFu, 0xFFFFFFFFu, 0x7FC00000u, 0x7F800001u, 0xFF800000u}) {
    for (const TileFormat format : kTileFormats) {
      SCOPED_TRACE(testing::Message() << std::hex << bits << " " << tile_format_name(format));
      Matrix a(2, 40, 1.0f);
      a(1, 33) = std::bit_cast<float>(bits);
      const Matrix ones(40, 2, 1.0f);
      Matrix as_left(2, 2), as_right(2, 2), as_gradient(2, 2);
      AmxWeights(ones, format).multiply(a, as_left, false);
      AmxWeights(transposed(a), format).multiply(transposed(ones), as_right, false);
      amx_matmul_transposed(transposed(a), ones, as_gradient, format);
      for (size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(as_left(0, i), 40.0f);
        EXPECT_EQ(as_right(i, 0), 40.0f);
        EXPECT_EQ(as_gradient(0, i), 40.0f);
        EXPECT_FALSE(std::isfinite(as_left(1, i)));
        EXPECT_FALSE(std::isfinite(as_right(i, 1)));
        EXPECT_FALSE(std::isfinite(as_gradient(1, i)));
      }
    }
  }
}

/// How far a sum of k products may be from the truth. bf16: 2^-8 of each factor, and additions
/// round 2^-24 off each, in both directions. int8x3: in units of the row's and the column's largest
/// numbers each product is off by 2^-22.7 (root mean square: what is left out are two products of
/// bytes, and half a unit of the last one of each factor), in both directions; five times that. The
/// sum itself is rounded three times.
double allowed_error(TileFormat format, size_t k, double magnitude, double largest) {
  const double steps = std::sqrt(static_cast<double>(k + 1));
  if (format == TileFormat::bf16) return magnitude * (4.0 * steps * 0x1p-24 + 2.01 * 0x1p-8);
  return 5.0 * steps * 0x1.4p-23 * largest + 3.0 * 0x1p-24 * magnitude;
}

/// A matrix in the middle of a larger one, of which nothing else may be read or written.
class Window {
 public:
  Window(std::mt19937& random, size_t rows, size_t cols)
      : whole_(rows + 2, cols + 5, kBeside), rows_(rows), cols_(cols) {
    const Matrix values = random_matrix(random, rows, cols);
    for (size_t r = 0; r < rows; ++r) std::ranges::copy(values.view().row_span(r), view().row(r));
  }

  MatrixView view() { return whole_.view().row_range(1, rows_).column_range(2, cols_); }
  void expect_nothing_beside() {
    for (size_t r = 0; r < whole_.rows(); ++r) {
      for (size_t c = 0; c < whole_.cols(); ++c) {
        const bool inside = r >= 1 && r <= rows_ && c >= 2 && c < cols_ + 2;
        if (!inside) {
          ASSERT_EQ(whole_(r, c), kBeside) << r << ", " << c;
        }
      }
    }
  }

 private:
  static constexpr float kBeside = 1e30f;  // read by mistake it would show

  Matrix whole_;
  size_t rows_, cols_;
};

/// got = start + A B, in double precision.
void expect_product(ConstMatrixView a, ConstMatrixView b, ConstMatrixView start,
                    ConstMatrixView got, TileFormat format) {
  const Matrix columns = transposed(b);
  for (size_t i = 0; i < a.rows; ++i) {
    for (size_t j = 0; j < b.cols; ++j) {
      double sum = start(i, j), magnitude = std::abs(sum);
      for (size_t k = 0; k < a.cols; ++k) {
        sum += double{a(i, k)} * b(k, j);
        magnitude += std::abs(double{a(i, k)} * b(k, j));
      }
      const double largest = largest_of(a.row_span(i)) * largest_of(columns.view().row_span(j));
      ASSERT_NEAR(got(i, j), sum, allowed_error(format, a.cols, magnitude, largest))
          << i << ", " << j;
    }
  }
}

constexpr size_t kShapes[][3] = {{1, 128, 512},  {32, 128, 64},  {64, 31, 96}, {16, 64, 32},
                                 {17, 300, 128}, {33, 170, 193}, {70, 1, 1},   {3, 0, 40}};

TEST_F(AmxMatmul, IsTheProductWithinItsFormat) {
  std::mt19937 random(2);
  for (const auto& [m, k, n] : kShapes) {
    for (const TileFormat format : kTileFormats) {
      SCOPED_TRACE(testing::Message()
                   << m << " " << k << " " << n << " " << tile_format_name(format));
      Window a(random, m, k), b(random, k, n);
      for (const bool accumulate : {false, true}) {
        Window c(random, m, n);
        const Matrix start = accumulate ? copy_of(c.view()) : Matrix(m, n);
        for (size_t r = 0; r < m && !accumulate; ++r) {  // what was there counts for nothing
          std::ranges::fill(c.view().row_span(r), std::numeric_limits<float>::quiet_NaN());
        }
        AmxWeights(b.view(), format).multiply(a.view(), c.view(), accumulate);
        expect_product(a.view(), b.view(), start, c.view(), format);
        c.expect_nothing_beside();
      }
    }
  }
}

// The bytes of the factors are 127, -128, -128 and 127, 120, -128: the sum of a_0 b_2, a_1 b_1 and
// a_2 b_0 is beyond 2^31 from 44,859 inner elements on.
TEST_F(AmxMatmul, WholeNumbersHoldTheSumsOfManyInnerElements) {
  constexpr size_t kInner = 50'000;
  constexpr float kLeft = (127.0f - 128.0f / 0x1p8f - 128.0f / 0x1p16f) / 64.0f;
  constexpr float kRight = (127.0f + 120.0f / 0x1p8f - 128.0f / 0x1p16f) / 64.0f;
  const Matrix a(2, kInner, kLeft), b(kInner, 3, kRight);
  const AmxWeights weights(b, TileFormat::int8x3);
  Matrix added(2, 3, 1.0f), alone(2, 3, std::numeric_limits<float>::quiet_NaN());
  weights.multiply(a, added, true);
  weights.multiply(a, alone, false);
  const double product = double{kInner} * kLeft * kRight;
  for (size_t i = 0; i < 6; ++i) {  // 2^-20 of some 197,000
    EXPECT_NEAR(added.values()[i], product + 1.0, 0.2);
    EXPECT_NEAR(alone.values()[i], product, 0.2);
  }
}

// A row's largest times a column's is out of fp32's range where their products are not.
TEST_F(AmxMatmul, ExponentsMayAddUpToMoreThanANumberHas) {
  const auto product_of = [](const Matrix& a, const Matrix& b) {
    Matrix c(1, 1, 7.0f);
    AmxWeights(b, TileFormat::int8x3).multiply(a, c, false);
    return c(0, 0);
  };
  Matrix a(1, 2), b(2, 1);
  a(0, 0) = 0x1p100f;
  b(1, 0) = 0x1p60f;
  EXPECT_EQ(product_of(a, b), 0.0f);
  std::thread([&] {  // as in a program
    flush_denormals();
    EXPECT_FLOAT_EQ(product_of(Matrix(1, 256, 1.5f * 0x1p-60f), Matrix(256, 1, 1.25f * 0x1p-55f)),
                    1.875f * 0x1p-107f);
  })
      .join();
}

// Of numbers of all sizes too a product is off by 2^-20.4 of the largest at most.
TEST_F(AmxMatmul, StaysWithinItsBoundForNumbersOfAllSizes) {
  std::mt19937 random(7);
  const Matrix a = varied_matrix(random, 40, 200), b = varied_matrix(random, 200, 48);
  const Matrix columns = transposed(b);
  Matrix c(40, 48), gradient(40, 48);
  AmxWeights(b, TileFormat::int8x3).multiply(a, c, false);
  amx_matmul_transposed(transposed(a), b, gradient, TileFormat::int8x3);
  for (size_t i = 0; i < 40; ++i) {
    for (size_t j = 0; j < 48; ++j) {
      double sum = 0.0;
      for (size_t k = 0; k < 200; ++k) sum += double{a(i, k)} * b(k, j);
      const double largest =
          largest_of(a.view().row_span(i)) * largest_of(columns.view().row_span(j));
      ASSERT_NEAR(c(i, j), sum, 200 * 7.2e-7 * largest);
      ASSERT_NEAR(gradient(i, j), sum, 200 * 7.2e-7 * largest);
    }
  }
}

TEST(AmxMatmulWithoutAmx, ThrowsAnError) {
  if (multiplies_tiles()) GTEST_SKIP() << "this processor has AMX";
  const Matrix a(64, 64, 1.0f);
  Matrix c(64, 64);
  for (const TileFormat format : kTileFormats) {
    EXPECT_THROW(AmxWeights(a, format), Error);
    EXPECT_THROW(amx_matmul_transposed(a, a, c, format), Error);
  }
}

TEST_F(AmxMatmul, AWeightsGradientIsAddedUpOverAllTokens) {
  std::mt19937 random(3);
  for (const size_t tokens : {0u, 1u, 255u, 800u}) {
    for (const TileFormat format : kTileFormats) {
      SCOPED_TRACE(testing::Message() << tokens << " " << tile_format_name(format));
      Window a(random, tokens, 50), b(random, tokens, 70), c(random, 50, 70);
      const Matrix start = copy_of(c.view());
      amx_matmul_transposed(a.view(), b.view(), c.view(), format);
      expect_product(transposed(copy_of(a.view())), b.view(), start, c.view(), format);
      c.expect_nothing_beside();
    }
  }
}

/// The square of what `got` is off A B, in double precision.
double squared_error(const Matrix& a, const Matrix& b, const Matrix& got) {
  double error = 0.0;
  for (size_t i = 0; i < a.rows(); ++i) {
    for (size_t j = 0; j < b.cols(); ++j) {
      double sum = 0.0;
      for (size_t k = 0; k < a.cols(); ++k) sum += double{a(i, k)} * b(k, j);
      error += std::pow(got(i, j) - sum, 2);
    }
  }
  return error;
}

/// With both signs, and with all numbers positive.
template <typename Body>
void for_random_factors(size_t inner, const Body& body) {
  std::mt19937 random(4);
  for (const bool positive : {false, true}) {
    Matrix a = random_matrix(random, 64, inner), b = random_matrix(random, inner, 96);
    for (Matrix* m : {&a, &b}) {
      for (float& x : m->values()) x = positive ? std::abs(x) : x;
    }
    SCOPED_TRACE(positive);
    body(a, b, positive);
  }
}

/// How many times as far from the truth as oneDNN's fp32 squares may be. Of positive numbers tiles
/// are nearer (0.04 for a layer of 128 units, 0.5 for its weights' gradient), of others
/// farther: 2.6 and 2.3.
double times_fp32(bool positive) {
  return positive ? 1.0 : 4.0;
}

TEST_F(AmxMatmul, FixedPointIsNearlyAsExactAsFp32) {
  for_random_factors(300, [](const Matrix& a, const Matrix& b, bool positive) {
    Matrix of_tiles(64, 96), of_fp32(64, 96);
    AmxWeights(b, TileFormat::int8x3).multiply(a, of_tiles, false);
    matmul(a, b, of_fp32, Accumulate::no);
    EXPECT_LE(squared_error(a, b, of_tiles), times_fp32(positive) * squared_error(a, b, of_fp32));
  });
}

TEST_F(AmxMatmul, AGradientOfFixedPointIsNearlyAsExactAsFp32) {
  for_random_factors(4'000, [](const Matrix& a, const Matrix& b, bool positive) {
    Matrix of_tiles(64, 96), of_fp32(64, 96);
    amx_matmul_transposed(transposed(a), b, of_tiles, TileFormat::int8x3);
    matmul_transposed(transposed(a), b, of_fp32);
    EXPECT_LE(squared_error(a, b, of_tiles), times_fp32(positive) * squared_error(a, b, of_fp32));
  });
}

TEST_F(AmxMatmul, ARowsSumsDoNotDependOnTheOthers) {
  std::mt19937 random(5);
  const Matrix a = random_matrix(random, 70, 128), b = random_matrix(random, 128, 256);
  const MatmulWeights weights(b, Precision::fp32);
  Matrix together(70, 256), alone(70, 256);
  weights.multiply(a, together, Accumulate::no);
  ThreadPool pool(4);
  pool.for_each(70, [&](size_t r) {
    weights.multiply(a.view().row_range(r, 1), alone.view().row_range(r, 1), Accumulate::no);
  });
  EXPECT_EQ(together, alone);
}

TEST_F(AmxMatmul, APrecisionChoosesItsFormat) {
  std::mt19937 random(6);
  const Matrix a = random_matrix(random, 40, 128), b = random_matrix(random, 128, 256);
  const Matrix g = random_matrix(random, 40, 256);
  const auto expect_same = [&](Precision precision, TileFormat format) {
    Matrix got(40, 256), expected(40, 256);
    MatmulWeights(b, precision).multiply(a, got, Accumulate::no);
    AmxWeights(b, format).multiply(a, expected, false);
    EXPECT_EQ(got, expected);
    Matrix got_back(40, 128), expected_back(40, 128);
    MatmulWeights(b, precision).multiply_transposed(g, got_back, Accumulate::no);
    AmxWeights(transposed(b), format).multiply(g, expected_back, false);
    EXPECT_EQ(got_back, expected_back);
    Matrix got_gradient(128, 256), expected_gradient(128, 256);
    matmul_transposed(a, g, got_gradient, precision);
    amx_matmul_transposed(a, g, expected_gradient, format);
    EXPECT_EQ(got_gradient, expected_gradient);
  };
  expect_same(Precision::fp32, TileFormat::int8x3);
  expect_same(Precision::bf16, TileFormat::bf16);
}

}  // namespace
}  // namespace ockham
