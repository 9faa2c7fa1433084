#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ockham/tensor/simd_math-inl.hpp"

// Fractions against the functions themselves in double precision. The instruction set that all
// tests are compiled for stands for the others: the arithmetic is the same, but that of
// Reciprocal(), which kernels_test.cpp runs on each of them (tanh_fast).

namespace ockham {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::CappedTag<float, 1>;

/// From -100 to 100, close together where the functions bend.
std::vector<float> places() {
  std::vector<float> x;
  for (int i = -20'000; i <= 20'000; ++i) x.push_back(static_cast<float>(i) * 1e-3f);
  for (int i = 0; i <= 100; ++i) x.insert(x.end(), {static_cast<float>(i), static_cast<float>(-i)});
  return x;
}

struct Found {
  double error = 0.0;
  double least_denominator = 1e30, most_denominator = 0.0;
};

template <typename Fraction, typename Exact>
Found compare(const Fraction& fraction, const Exact& exact) {
  Found found;
  const D d;
  for (const float x : places()) {
    const auto f = fraction(d, hn::Set(d, x));
    const double numerator = hn::GetLane(f.numerator), denominator = hn::GetLane(f.denominator);
    found.error = std::max(found.error, std::abs(numerator / denominator - exact(double{x})));
    found.least_denominator = std::min(found.least_denominator, denominator);
    found.most_denominator = std::max(found.most_denominator, denominator);
  }
  return found;
}

TEST(Fractions, TanhHoldsItsBounds) {
  const Found found = compare([](D d, auto x) { return HWY_NAMESPACE::TanhFraction(d, x); },
                              [](double x) { return std::tanh(x); });
  EXPECT_LT(found.error, 5e-7);
  EXPECT_EQ(found.least_denominator, 1.0);
  EXPECT_LT(found.most_denominator, 227.0);
}

TEST(Fractions, SigmoidHoldsItsBounds) {
  const Found found = compare([](D d, auto x) { return HWY_NAMESPACE::SigmoidFraction(d, x); },
                              [](double x) { return 1.0 / (1.0 + std::exp(-x)); });
  EXPECT_LT(found.error, 3e-7);
  EXPECT_EQ(found.least_denominator, 2.0);
  EXPECT_LT(found.most_denominator, 454.0);
}

TEST(Fractions, OneWithAPowerMoreMakesTheCellsSigmoid) {
  const D d;
  constexpr double kRounding = 1.2e-7;  // it may leave [0, 1] by so much
  double error = 0.0;
  for (int i = -2'000'000; i <= 2'000'000; ++i) {
    const float x = static_cast<float>(i) * 1e-5f;
    const double found = hn::GetLane(HWY_NAMESPACE::SigmoidFast(d, hn::Set(d, x)));
    error = std::max(error, std::abs(found - 1.0 / (1.0 + std::exp(-double{x}))));
    ASSERT_GE(found, -kRounding) << x;
    ASSERT_LE(found, 1.0 + kRounding) << x;
  }
  EXPECT_LT(error, 3e-7);
}

}  // namespace
}  // namespace ockham
