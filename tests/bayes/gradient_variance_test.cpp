#include "tests/support/gradient_variance.hpp"

#include <gtest/gtest.h>

namespace ockham {
namespace {

/// Each of 64 variances is right to 6% then, their mean to a percent or two.
constexpr uint32_t kGradients = 500;

/// The gradient by a mean is free of the weight's own noise: where alpha grows without bound, its
/// variance stays. From 0.1 to 1 it grows by a half (measured: 1.48), which is of the loss: as the
/// means shrink, pre-activations come to where the logistic function is steepest.
TEST(GradientVariance, OfTheAdditiveParametrizationDoesNotGrowWithAlpha) {
  const double at_one = GradientVariance("sparse", 1.0).measure(kGradients);
  for (const double alpha : {10.0, 100.0, 1000.0}) {
    EXPECT_NEAR(GradientVariance("sparse", alpha).measure(kGradients), at_one, 0.15 * at_one)
        << alpha;
  }
  EXPECT_LE(at_one, 2.0 * GradientVariance("sparse", 0.1).measure(kGradients));
}

/// Here it is multiplied with 1 + sqrt(alpha) e: measured, 7, 32 and 295 times the variance of the
/// additive one.
TEST(GradientVariance, OfTheMultiplicativeParametrizationDoes) {
  double last = 0.0;
  for (const double alpha : {0.1, 1.0, 10.0}) {
    const double additive = GradientVariance("sparse", alpha).measure(kGradients);
    const double multiplicative =
        GradientVariance("sparse-multiplicative", alpha).measure(kGradients);
    EXPECT_GE(multiplicative, 5.0 * last) << alpha;
    EXPECT_GE(multiplicative, 5.0 * additive) << alpha;
    last = multiplicative;
  }
}

}  // namespace
}  // namespace ockham
