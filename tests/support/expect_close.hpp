#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// |got - expected| <= tolerance * max(1, |expected|) for every element; NaN is never close. Tells
/// the first element that is off and how many are.
inline void expect_close(std::span<const float> got, std::span<const double> expected,
                         double tolerance, const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  size_t wrong = 0, first = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double allowed = tolerance * std::max(1.0, std::abs(expected[i]));
    if (std::abs(double{got[i]} - expected[i]) <= allowed) continue;
    if (wrong++ == 0) first = i;
  }
  EXPECT_EQ(wrong, 0u) << what << ": element " << first << " of " << got.size() << " is "
                       << got[first] << ", expected " << expected[first] << " +- " << tolerance;
}

inline void expect_close(const Matrix& got, const std::vector<double>& expected, double tolerance,
                         const std::string& what) {
  expect_close(got.values(), expected, tolerance, what);
}

inline void expect_close(const Matrix& got, const Matrix& expected, double tolerance,
                         const std::string& what) {
  ASSERT_EQ(got.rows(), expected.rows()) << what;
  const std::vector<double> values(expected.values().begin(), expected.values().end());
  expect_close(got.values(), values, tolerance, what);
}

}  // namespace ockham
