#include "ockham/tensor/matmul.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/each_target.hpp"
#include "tests/support/plain_matrix.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

struct Sizes {
  size_t m, k, n;
};

// Small kernels (up to 48 inner, 48 x 192 weights) with every kind of remainder, and oneDNN's
// sizes on both sides of that line.
const std::vector<Sizes> kSizes = {{1, 1, 1},   {3, 0, 5},     {4, 8, 32},    {5, 7, 3},
                                   {33, 8, 64}, {2, 48, 192},  {9, 13, 79},   {6, 48, 193},
                                   {7, 49, 5},  {64, 128, 52}, {17, 300, 40}, {300, 20, 600}};

constexpr float kGuard = 12345.0f;

/// A matrix inside of a wider one whose other columns must not be touched.
struct Framed {
  Framed(std::mt19937& random, size_t rows, size_t cols, float outside)
      : whole(rows, cols + 5, outside) {
    for (size_t r = 0; r < rows; ++r) fill_normal(random, window().row_span(r), 0.0f, 1.0f);
  }
  MatrixView window() { return whole.view().column_range(2, whole.cols() - 5); }
  bool frame_is(float outside) const {
    for (size_t r = 0; r < whole.rows(); ++r) {
      for (size_t j = 0; j < whole.cols(); ++j) {
        const bool inside = j >= 2 && j + 3 < whole.cols();
        if (!inside && whole(r, j) != outside) return false;
      }
    }
    return true;
  }
  Matrix whole;
};

/// Compares C with `before` + the naive sum of a(i, k) b(k, j). A sum of k fp32 products in any
/// order is off by at most (k + 1) roundings of 6e-8 of the sum of the magnitudes.
template <typename A>
void expect_product(ConstMatrixView c, const Matrix& before, const A& a, ConstMatrixView b,
                    size_t inner) {
  for (size_t i = 0; i < c.rows; ++i) {
    for (size_t j = 0; j < c.cols; ++j) {
      double sum = before(i, j), magnitude = std::abs(sum);
      for (size_t k = 0; k < inner; ++k) {
        const double term = double{a(i, k)} * b(k, j);
        sum += term;
        magnitude += std::abs(term);
      }
      const double allowed = 6e-8 * static_cast<double>(inner + 1) * magnitude;
      ASSERT_LE(std::abs(c(i, j) - sum), allowed) << "element " << i << ", " << j;
    }
  }
}

std::string describe(const Sizes& s) {
  return std::to_string(s.m) + " x " + std::to_string(s.k) + " x " + std::to_string(s.n);
}

// Outside of the windows A and B hold NaN, so that a kernel that reads too far spoils its result.
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

void check_all_sizes() {
  std::mt19937 random(1);
  for (const Sizes& s : kSizes) {
    SCOPED_TRACE(describe(s));
    Framed a(random, s.m, s.k, kNan), b(random, s.k, s.n, kNan), c(random, s.m, s.n, kGuard);
    const auto element = [&](size_t i, size_t k) { return a.window()(i, k); };
    for (const Accumulate accumulate : {Accumulate::yes, Accumulate::no}) {
      const Matrix before = accumulate == Accumulate::yes ? copy_of(c.window()) : Matrix(s.m, s.n);
      matmul(a.window(), b.window(), c.window(), accumulate);
      expect_product(c.window(), before, element, b.window(), s.k);
      EXPECT_TRUE(c.frame_is(kGuard));
    }
  }
}

void check_all_sizes_transposed() {
  std::mt19937 random(2);
  for (const Sizes& s : kSizes) {
    SCOPED_TRACE(describe(s));
    // C [k, n] += A^T B with A [m, k], B [m, n]: m tokens.
    Framed a(random, s.m, s.k, kNan), b(random, s.m, s.n, kNan), c(random, s.k, s.n, kGuard);
    const auto element = [&](size_t i, size_t token) { return a.window()(token, i); };
    const Matrix before = copy_of(c.window());
    matmul_transposed(a.window(), b.window(), c.window());
    expect_product(c.window(), before, element, b.window(), s.m);
    EXPECT_TRUE(c.frame_is(kGuard));
  }
}

TEST(Matmul, EqualsTheNaiveProduct) {
  for_each_target([] { check_all_sizes(); });
}

TEST(Matmul, TransposedEqualsTheNaiveProduct) {
  for_each_target([] { check_all_sizes_transposed(); });
}

TEST(Matmul, TransposeSwapsRowsAndColumns) {
  std::mt19937 random(5);
  const Matrix a = random_matrix(random, 3, 7);
  Matrix t(7, 3);
  transpose(a, t);
  for (size_t r = 0; r < 3; ++r) {
    for (size_t j = 0; j < 7; ++j) EXPECT_EQ(t(j, r), a(r, j));
  }
}

}  // namespace
}  // namespace ockham
