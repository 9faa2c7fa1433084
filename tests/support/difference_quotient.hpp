#pragma once

#include <vector>

namespace ockham {

/// A matrix in double precision.
using Rows = std::vector<std::vector<double>>;

/// d f / d x by central differences in double precision: with steps of 1e-5 and values of about 1
/// both the truncation and the rounding error stay under 1e-9.
template <typename F>
double difference_quotient(double& x, const F& f) {
  constexpr double kStep = 1e-5;
  const double kept = x;
  x = kept + kStep;
  const double above = f();
  x = kept - kStep;
  const double below = f();
  x = kept;
  return (above - below) / (2 * kStep);
}

}  // namespace ockham
