#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "ockham/tensor/matrix.hpp"
#include "tests/support/random_matrix.hpp"

/// For kernels that multiply windows on larger matrices.
namespace ockham {

/// What results have around them.
constexpr float kGuard = 12345.0f;

/// And factors: a kernel that reads too far spoils its result.
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

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

}  // namespace ockham
