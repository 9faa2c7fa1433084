#include "ockham/bayes/variational_dropout.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ockham {
namespace {

constexpr double c1 = 1.16145124, c2 = -1.50204118, c3 = 0.58629921;

}  // namespace

double VariationalDropout::kl(std::span<const float> /*mean*/,
                              std::span<const float> spread) const {
  constexpr double kConstant = 0.5 * (std::numbers::ln2 + std::numbers::egamma);
  double sum = 0.0;
  for (const float la : spread) {
    const double a = std::exp(double{la});
    sum -= 0.5 * la + a * (c1 + a * (c2 + a * c3)) - kConstant;
  }
  return sum;
}

// dKL/dla = -(1/2 + c1 a + 2 c2 a^2 + 3 c3 a^3)
void VariationalDropout::add_kl_gradient(float scale, std::span<const float> /*mean*/,
                                         std::span<const float> spread,
                                         std::span<float> /*mean_gradient*/,
                                         std::span<float> spread_gradient) const {
  for (size_t i = 0; i < spread.size(); ++i) {
    const double a = std::exp(double{spread[i]});
    spread_gradient[i] -=
        scale * static_cast<float>(0.5 + a * (c1 + a * (2.0 * c2 + a * 3.0 * c3)));
  }
}

void VariationalDropout::project(std::span<float> /*mean*/, std::span<float> spread) const {
  for (float& la : spread) la = std::min(la, 0.0f);
}

}  // namespace ockham
