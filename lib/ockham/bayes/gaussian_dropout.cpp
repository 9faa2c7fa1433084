#include "ockham/bayes/gaussian_dropout.hpp"

#include <charconv>
#include <cmath>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

float checked_log(float alpha) {
  if (!(alpha > 0.0f && std::isfinite(alpha))) {
    fail("the alpha of Gaussian dropout must be positive, got ", alpha);
  }
  return std::log(alpha);
}

}  // namespace

GaussianDropout::GaussianDropout(float alpha) : MultiplicativeGaussian(checked_log(alpha)) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, alpha).ptr;
  name_ = std::string(kName) + ":" + std::string(digits, end);
}

}  // namespace ockham
