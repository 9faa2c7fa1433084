#include "ockham/tensor/amx_matmul.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "ockham/tensor/kernels.hpp"
#include "ockham/tensor/matmul.hpp"
#include "ockham/tensor/precision.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "tests/support/each_target.hpp"
#include "tests/support/plain_matrix.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

constexpr Bf16Parts kAllParts[] = {Bf16Parts::one, Bf16Parts::two, Bf16Parts::three};

double value_of(uint16_t half) {
  return double{std::bit_cast<float>(uint32_t{half} << 16)};
}

/// What the tiles say of element k of row (or column) i, as cut_left and cut_right lay them out.
class Cut {
 public:
  Cut(size_t outer, size_t inner, Bf16Parts parts)
      : blocks_(amx_blocks(inner)),
        parts_(count_of(parts)),
        tiles(make_amx_tiles(outer, inner, parts)) {}

  double left(size_t i, size_t k, size_t part) const {
    return value_of(tile(0, part, k)[i % 32 / 16].values[i % 16][k % 32]);
  }
  double right(size_t i, size_t k, size_t part) const {
    return value_of(tile(i / 32, part, k)[i % 32 / 16].values[k % 32 / 2][i % 16 * 2 + k % 2]);
  }

 private:
  const AmxTile* tile(size_t outer_block, size_t part, size_t k) const {
    return tiles.get() + ((outer_block * parts_ + part) * blocks_ + k / 32) * 2;
  }

  size_t blocks_, parts_;

 public:
  AmxTiles tiles;
};

/// Numbers of all sizes that a training has.
Matrix varied_matrix(std::mt19937& random, size_t rows, size_t cols) {
  Matrix m = random_matrix(random, rows, cols);
  for (float& x : m.values()) x = std::ldexp(x, static_cast<int>(random() % 40) - 30);
  return m;
}

/// Checks element(part) for a number: its parts are bf16 numbers, each the nearest to what is left.
template <typename Element>
void expect_parts(float x, Bf16Parts parts, const Element& element) {
  double left = x;
  for (size_t p = 0; p < count_of(parts); ++p) {
    const double part = element(p);
    const double before = left;
    left -= part;
    ASSERT_LE(std::abs(left), std::abs(before) * 0x1p-8) << x << ", part " << p;
  }
  if (parts == Bf16Parts::one) {
    uint16_t half = 0;
    round_to_bf16({&x, 1}, {&half, 1});
    ASSERT_EQ(element(0), value_of(half));
  }
  if (parts == Bf16Parts::three) {
    ASSERT_EQ(left, 0.0) << x;
  }
}

TEST(AmxTiles, HoldNumbersAsSumsOfTheirParts) {
  std::mt19937 random(1);
  for_each_target([&] {
    for (const Bf16Parts parts : kAllParts) {
      const Matrix a = varied_matrix(random, 19, 45), b = varied_matrix(random, 45, 70);
      Cut left(19, 45, parts), left_transposed(19, 45, parts), right(70, 45, parts);
      cut_left(a, parts, left.tiles.get());
      cut_left_transposed(transposed(a), parts, left_transposed.tiles.get());
      cut_right(b, parts, right.tiles.get());
      for (size_t k = 0; k < 64; ++k) {
        for (size_t i = 0; i < 32; ++i) {
          const float x = i < 19 && k < 45 ? a(i, k) : 0.0f;
          expect_parts(x, parts, [&](size_t p) { return left.left(i, k, p); });
          expect_parts(x, parts, [&](size_t p) { return left_transposed.left(i, k, p); });
        }
        for (size_t j = 0; j < 96; ++j) {
          const float x = k < 45 && j < 70 ? b(k, j) : 0.0f;
          expect_parts(x, parts, [&](size_t p) { return right.right(j, k, p); });
        }
      }
    }
  });
}

TEST(AmxTiles, WhatIsNoNumberStaysNone) {
  for_each_target([&] {
    for (const uint32_t bits : {0x7FFFFFFFu, 0xFFFFFFFFu, 0x7FC00000u, 0x7F800001u}) {
      for (const Bf16Parts parts : kAllParts) {
        Matrix a(1, 2, 1.0f);
        a(0, 1) = std::bit_cast<float>(bits);
        const Matrix b = transposed(a);
        Cut left(1, 2, parts), left_transposed(1, 2, parts), right(1, 2, parts);
        cut_left(a, parts, left.tiles.get());
        cut_left_transposed(b, parts, left_transposed.tiles.get());
        cut_right(b, parts, right.tiles.get());
        SCOPED_TRACE(testing::Message() << std::hex << bits << " " << count_of(parts));
        EXPECT_TRUE(std::isnan(left.left(0, 1, 0)));
        EXPECT_TRUE(std::isnan(left_transposed.left(0, 1, 0)));
        EXPECT_TRUE(std::isnan(right.right(0, 1, 0)));
        EXPECT_EQ(left.left(0, 0, 0), 1.0);
      }
    }
  });
}

TEST(AmxTiles, InfinityStaysOrBecomesNoNumber) {
  for_each_target([&] {
    for (const Bf16Parts parts : kAllParts) {
      const Matrix a(1, 1, -std::numeric_limits<float>::infinity());
      Cut cut(1, 1, parts);
      cut_left(a, parts, cut.tiles.get());
      double sum = 0.0;
      for (size_t p = 0; p < count_of(parts); ++p) sum += cut.left(0, 0, p);
      EXPECT_FALSE(std::isfinite(sum)) << count_of(parts);
    }
  });
}

class AmxMatmul : public testing::Test {
 protected:
  void SetUp() override {
    if (!multiplies_tiles()) GTEST_SKIP() << "this processor has no AMX";
  }
};

/// Of k products and their sum, relative to the sum of magnitudes: additions round 2^-24 off each,
/// in both directions. What is left out are two products of 2^-24 with three parts; one of 2^-16,
/// and 2^-16 of each factor, with two; 2^-8 of each factor with one.
double allowed_error(Bf16Parts parts, size_t k) {
  const double sums = 4.0 * std::sqrt(static_cast<double>(k + 1)) * 0x1p-24;
  if (parts == Bf16Parts::three) return sums + 2.01 * 0x1p-24;
  return sums + (parts == Bf16Parts::two ? 3.01 * 0x1p-16 : 2.01 * 0x1p-8);
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
                    ConstMatrixView got, double allowed) {
  for (size_t i = 0; i < a.rows; ++i) {
    for (size_t j = 0; j < b.cols; ++j) {
      double sum = start(i, j), magnitude = std::abs(sum);
      for (size_t k = 0; k < a.cols; ++k) {
        sum += double{a(i, k)} * b(k, j);
        magnitude += std::abs(double{a(i, k)} * b(k, j));
      }
      ASSERT_NEAR(got(i, j), sum, allowed * magnitude) << i << ", " << j;
    }
  }
}

constexpr size_t kShapes[][3] = {{1, 128, 512},  {32, 128, 64},  {64, 31, 96}, {16, 64, 32},
                                 {17, 300, 128}, {33, 170, 193}, {70, 1, 1},   {3, 0, 40}};

TEST_F(AmxMatmul, IsTheProductWithinItsParts) {
  std::mt19937 random(2);
  for (const auto& [m, k, n] : kShapes) {
    for (const Bf16Parts parts : kAllParts) {
      SCOPED_TRACE(testing::Message() << m << " " << k << " " << n << " " << count_of(parts));
      Window a(random, m, k), b(random, k, n);
      for (const bool accumulate : {false, true}) {
        Window c(random, m, n);
        const Matrix start = accumulate ? copy_of(c.view()) : Matrix(m, n);
        for (size_t r = 0; r < m && !accumulate; ++r) {  // what was there counts for nothing
          std::ranges::fill(c.view().row_span(r), std::numeric_limits<float>::quiet_NaN());
        }
        AmxWeights(b.view(), parts).multiply(a.view(), c.view(), accumulate);
        expect_product(a.view(), b.view(), start, c.view(), allowed_error(parts, k));
        c.expect_nothing_beside();
      }
    }
  }
}

TEST_F(AmxMatmul, AWeightsGradientIsAddedUpOverAllTokens) {
  std::mt19937 random(3);
  for (const size_t tokens : {0u, 1u, 255u, 800u}) {
    for (const Bf16Parts parts : kAllParts) {
      SCOPED_TRACE(testing::Message() << tokens << " " << count_of(parts));
      Window a(random, tokens, 50), b(random, tokens, 70), c(random, 50, 70);
      const Matrix start = copy_of(c.view());
      amx_matmul_transposed(a.view(), b.view(), c.view(), parts);
      expect_product(transposed(copy_of(a.view())), b.view(), start, c.view(),
                     allowed_error(parts, tokens));
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
    body(a, b);
  }
}

// What a layer of 128 units multiplies with fp32, and its weights' gradients, are no farther from
// the truth than by oneDNN's fp32, which is 2 to 5 times as far.
TEST_F(AmxMatmul, ThreePartsAreAsExactAsFp32) {
  for_random_factors(300, [](const Matrix& a, const Matrix& b) {
    Matrix of_tiles(64, 96), of_fp32(64, 96);
    AmxWeights(b, Bf16Parts::three).multiply(a, of_tiles, false);
    matmul(a, b, of_fp32, Accumulate::no);
    EXPECT_LE(squared_error(a, b, of_tiles), squared_error(a, b, of_fp32));
  });
}

TEST_F(AmxMatmul, AGradientOfThreePartsIsAsExactAsFp32) {
  for_random_factors(4'000, [](const Matrix& a, const Matrix& b) {
    Matrix of_tiles(64, 96), of_fp32(64, 96);
    amx_matmul_transposed(transposed(a), b, of_tiles, Bf16Parts::three);
    matmul_transposed(transposed(a), b, of_fp32);
    EXPECT_LE(squared_error(a, b, of_tiles), squared_error(a, b, of_fp32));
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

TEST_F(AmxMatmul, APrecisionChoosesItsParts) {
  std::mt19937 random(6);
  const Matrix a = random_matrix(random, 40, 128), b = random_matrix(random, 128, 256);
  const Matrix g = random_matrix(random, 40, 256);
  const auto expect_same = [&](Precision precision, Bf16Parts parts) {
    Matrix got(40, 256), expected(40, 256);
    MatmulWeights(b, precision).multiply(a, got, Accumulate::no);
    AmxWeights(b, parts).multiply(a, expected, false);
    EXPECT_EQ(got, expected);
    Matrix got_back(40, 128), expected_back(40, 128);
    MatmulWeights(b, precision).multiply_transposed(g, got_back, Accumulate::no);
    AmxWeights(transposed(b), parts).multiply(g, expected_back, false);
    EXPECT_EQ(got_back, expected_back);
    Matrix got_gradient(128, 256), expected_gradient(128, 256);
    matmul_transposed(a, g, got_gradient, precision);
    amx_matmul_transposed(a, g, expected_gradient, parts);
    EXPECT_EQ(got_gradient, expected_gradient);
  };
  expect_same(Precision::fp32, Bf16Parts::three);
  expect_same(Precision::bf16x3, Bf16Parts::two);
  expect_same(Precision::bf16, Bf16Parts::one);
}

}  // namespace
}  // namespace ockham
