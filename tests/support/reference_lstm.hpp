#pragma once

#include <cmath>
#include <vector>

namespace ockham {

using Rows = std::vector<std::vector<double>>;

/// One direction of an LSTM in double precision, written as the equations stand, for one sequence.
/// Column k * hidden + j is gate k (i, f, g, o) of unit j.
struct ReferenceLstm {
  Rows weight_hh;               ///< [hidden][4 hidden]
  std::vector<double> bias;     ///< [4 hidden]
  std::vector<double> z_gates;  ///< [4 hidden]
  std::vector<double> z_units;  ///< [hidden]

  /// inputs x~ W^x [time][4 hidden] -> outputs y = z_h h [time][hidden]
  Rows run(const Rows& inputs) const {
    const size_t hidden = z_units.size();
    const auto sigmoid = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
    std::vector<double> y(hidden, 0.0), c(hidden, 0.0);
    Rows outputs;
    for (const auto& input : inputs) {
      std::vector<double> a(4 * hidden);
      for (size_t k = 0; k < 4 * hidden; ++k) {
        double s = input[k];
        for (size_t j = 0; j < hidden; ++j) s += y[j] * weight_hh[j][k];
        a[k] = z_gates[k] * s + bias[k];
      }
      for (size_t j = 0; j < hidden; ++j) {
        c[j] = sigmoid(a[hidden + j]) * c[j] + sigmoid(a[j]) * std::tanh(a[2 * hidden + j]);
        y[j] = z_units[j] * sigmoid(a[3 * hidden + j]) * std::tanh(c[j]);
      }
      outputs.push_back(y);
    }
    return outputs;
  }
};

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
