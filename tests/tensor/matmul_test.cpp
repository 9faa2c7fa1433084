#include "ockham/tensor/matmul.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/each_target.hpp"
#include "tests/support/framed_matrix.hpp"
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

std::string describe(const Sizes& s) {
  return std::to_string(s.m) + " x " + std::to_string(s.k) + " x " + std::to_string(s.n);
}

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
