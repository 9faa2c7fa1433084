#include "tests/support/sanitizers.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

// The library that the sanitized tests are linked with has the checks compiled in.
TEST(SanitizersDeathTest, SeeWhatTheLibraryDoesBeyondAnArray) {
  if (!has_sanitizers()) GTEST_SKIP() << "the plain library has no checks";
  const std::vector<float> x(64, 1.0f);
  const auto y = std::make_unique<float[]>(60);
  EXPECT_DEATH(add_scaled(1.0f, x, {y.get(), 64}), "AddressSanitizer");
}

}  // namespace
}  // namespace ockham
