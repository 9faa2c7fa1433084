#pragma once

#include <string>
#include <vector>

#include "ockham/nn/network.hpp"
#include "tests/support/expect_close.hpp"

namespace ockham {

/// Five points around 0: (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12 h. With a loss of about 1 that
/// is right to 3e-7 steps must be large: what rounding leaves is about 5e-7 / h, what the fifth
/// derivative leaves is h^4 / 30 of it.
template <typename F>
double wide_difference_quotient(float step, const F& f) {
  const double far = f(2 * step) - f(-2 * step), near = f(step) - f(-step);
  return (8 * near - far) / (12 * double{step});
}

/// Compares the gradient by every mean and, where `spreads`, by every spread with the slope of
/// `loss`, a function of the network as it is. Spreads that are shared move together.
template <typename Loss>
void expect_slopes(Network& network, bool spreads, float step, double tolerance, const Loss& loss) {
  network.for_each_parameter([&](Parameter& p) {
    const auto check = [&](Matrix values, const Matrix& gradient, bool by_weight, const auto& set,
                           const char* what) {
      std::vector<float> got;
      std::vector<double> expected;
      for (size_t i = 0; i < values.size(); ++i) {
        if (by_weight && !p.kept.empty() && !p.kept[i]) continue;
        float& x = values.values()[i];
        const float start = x;
        got.push_back(gradient.values()[i]);
        expected.push_back(wide_difference_quotient(step, [&](float offset) {
          x = start + offset;
          set(values);
          return loss();
        }));
        x = start;
      }
      set(values);
      expect_close(got, expected, tolerance, p.path + what);
    };
    check(
        p.mean, p.mean_gradient, true, [&](const Matrix& m) { p.mean = m; }, " mean");
    if (!spreads || !p.posterior->has_spread()) return;
    check(
        p.shared_spread(), p.sum_shared(p.spread_gradient), p.sharing == Sharing::weight,
        [&](const Matrix& m) { p.set_shared_spread(m); }, " spread");
  });
}

/// max(0, a) has a kink, which such steps would cross unless every unit is clearly on or off.
inline void keep_from_kinks(DenseLayer& layer) {
  for (float& w : layer.weight.mean.values()) w *= 0.2f;
  for (size_t j = 0; j < layer.units(); ++j) layer.bias.mean(0, j) = j % 3 == 1 ? -2.0f : 2.0f;
}

}  // namespace ockham
