#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "ockham/nn/cell.hpp"
#include "tests/support/difference_quotient.hpp"

namespace ockham {

/// One direction of a recurrent layer in double precision, written as the equations stand, for one
/// sequence. Column k * hidden + j is gate k (i, f, g, o or r, u, n) of unit j.
struct ReferenceCell {
  Cell cell = Cell::lstm;
  Rows weight_hh;                      ///< [hidden][gates]
  std::vector<double> bias;            ///< [gates]
  std::vector<double> recurrent_bias;  ///< of a GRU [hidden]
  std::vector<double> z_gates;         ///< [gates]
  std::vector<double> z_units;         ///< [hidden]
  GateFunction gate_function = GateFunction::sigmoid;

  /// inputs x~ W^x [time][gates] -> outputs y = z_h h [time][hidden]
  Rows run(const Rows& inputs) const {
    return cell == Cell::lstm ? run_lstm(inputs) : run_gru(inputs);
  }

 private:
  double gate(double a) const {
    if (gate_function == GateFunction::hard_sigmoid) return std::clamp(0.2 * a + 0.5, 0.0, 1.0);
    return 1.0 / (1.0 + std::exp(-a));
  }

  double recurrent(const std::vector<double>& y, size_t column) const {
    double sum = 0.0;
    for (size_t j = 0; j < y.size(); ++j) sum += y[j] * weight_hh[j][column];
    return sum;
  }

  Rows run_lstm(const Rows& inputs) const {
    const size_t hidden = z_units.size();
    std::vector<double> y(hidden, 0.0), c(hidden, 0.0);
    Rows outputs;
    for (const auto& input : inputs) {
      std::vector<double> a(4 * hidden);
      for (size_t k = 0; k < 4 * hidden; ++k) {
        a[k] = z_gates[k] * (input[k] + recurrent(y, k)) + bias[k];
      }
      for (size_t j = 0; j < hidden; ++j) {
        c[j] = gate(a[hidden + j]) * c[j] + gate(a[j]) * std::tanh(a[2 * hidden + j]);
        y[j] = z_units[j] * gate(a[3 * hidden + j]) * std::tanh(c[j]);
      }
      outputs.push_back(y);
    }
    return outputs;
  }

  Rows run_gru(const Rows& inputs) const {
    const size_t hidden = z_units.size();
    std::vector<double> y(hidden, 0.0), h(hidden, 0.0);
    Rows outputs;
    for (const auto& input : inputs) {
      std::vector<double> next(hidden);
      for (size_t j = 0; j < hidden; ++j) {
        const size_t u_at = hidden + j, n_at = 2 * hidden + j;
        const double r = gate(z_gates[j] * (input[j] + recurrent(y, j)) + bias[j]);
        const double u = gate(z_gates[u_at] * (input[u_at] + recurrent(y, u_at)) + bias[u_at]);
        const double q = recurrent(y, n_at) + recurrent_bias[j];
        const double n = std::tanh(z_gates[n_at] * (input[n_at] + r * q) + bias[n_at]);
        next[j] = (1.0 - u) * n + u * h[j];
      }
      h = next;
      for (size_t j = 0; j < hidden; ++j) y[j] = z_units[j] * h[j];
      outputs.push_back(y);
    }
    return outputs;
  }
};

}  // namespace ockham
