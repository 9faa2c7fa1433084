#include "ockham/nn/recurrent.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "ockham/tensor/kernels.hpp"
#include "tests/support/difference_quotient.hpp"
#include "tests/support/each_target.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/random_matrix.hpp"
#include "tests/support/recurrent_harness.hpp"
#include "tests/support/reference_cell.hpp"

namespace ockham {
namespace {

struct Kind {
  Cell cell;
  GateFunction gate_function;
};
constexpr Kind kKinds[] = {{Cell::lstm, GateFunction::sigmoid},
                           {Cell::gru, GateFunction::sigmoid},
                           {Cell::lstm, GateFunction::hard_sigmoid},
                           {Cell::gru, GateFunction::hard_sigmoid}};

std::string name_of(const Kind& kind) {
  const bool hard = kind.gate_function == GateFunction::hard_sigmoid;
  return std::string(cell_name(kind.cell)) + (hard ? "_hard" : "");
}

/// A layer with its inputs and dL/dy, all random and different.
struct Layer {
  Layer(Kind kind, size_t hidden_in, std::vector<uint32_t> lengths_in, uint32_t seed)
      : cell(kind.cell),
        gate_function(kind.gate_function),
        hidden(hidden_in),
        lengths(std::move(lengths_in)) {
    std::mt19937 random(seed);
    for (const uint32_t n : lengths) tokens += n;
    const size_t gates = gates_of(cell) * hidden;
    inputs = random_matrix(random, tokens, gates);
    // Weights shrink with the width, so that wide layers do not saturate.
    const float deviation = 0.8f / std::sqrt(static_cast<float>(hidden));
    weight_hh = random_matrix(random, hidden, gates, 0.0f, deviation);
    bias = random_matrix(random, 1, gates, 0.0f, 0.5f);
    if (cell == Cell::gru) recurrent_bias = random_matrix(random, 1, hidden, 0.0f, 0.5f);
    z_gates = random_matrix(random, lengths.size(), gates, 1.0f, 0.3f);
    z_units = random_matrix(random, lengths.size(), hidden, 1.0f, 0.3f);
    z_units(0, 0) = -0.7f;  // signs and exact zeros occur
    z_gates(0, hidden) = 0.0f;
    output_gradient = random_matrix(random, tokens, hidden);
  }
  RecurrentHarness harness(bool reverse) const {
    return {cell,    lengths, weight_hh, bias,         recurrent_bias,
            z_gates, z_units, reverse,   gate_function};
  }
  Cell cell;
  GateFunction gate_function;
  size_t hidden, tokens = 0;
  std::vector<uint32_t> lengths;
  Matrix inputs, weight_hh, bias, recurrent_bias, z_gates, z_units, output_gradient;
};

Rows rows_of(const Matrix& m, size_t first, size_t count) {
  Rows rows;
  for (size_t r = first; r < first + count; ++r) {
    rows.emplace_back(m.row(r), m.row(r) + m.cols());
  }
  return rows;
}

std::vector<double> flat(const Rows& rows) {
  std::vector<double> all;
  for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
  return all;
}

/// The same layer in double precision.
struct ReferenceLayer {
  explicit ReferenceLayer(const Layer& layer)
      : cell(layer.cell),
        gate_function(layer.gate_function),
        lengths(layer.lengths),
        inputs(rows_of(layer.inputs, 0, layer.tokens)),
        weight_hh(rows_of(layer.weight_hh, 0, layer.hidden)),
        bias(rows_of(layer.bias, 0, 1)),
        recurrent_bias(rows_of(layer.recurrent_bias, 0, layer.recurrent_bias.rows())),
        z_gates(rows_of(layer.z_gates, 0, layer.lengths.size())),
        z_units(rows_of(layer.z_units, 0, layer.lengths.size())) {}

  Rows outputs(bool reverse) const {
    Rows all;
    size_t first = 0;
    for (size_t b = 0; b < lengths.size(); ++b) {
      Rows x(inputs.begin() + static_cast<ptrdiff_t>(first),
             inputs.begin() + static_cast<ptrdiff_t>(first + lengths[b]));
      if (reverse) std::reverse(x.begin(), x.end());
      Rows y =
          ReferenceCell{cell,         weight_hh,
                        bias[0],      cell == Cell::gru ? recurrent_bias[0] : std::vector<double>(),
                        z_gates[b],   z_units[b],
                        gate_function}
              .run(x);
      if (reverse) std::reverse(y.begin(), y.end());
      all.insert(all.end(), y.begin(), y.end());
      first += lengths[b];
    }
    return all;
  }

  /// dL/d(values) for L = sum(g * y), by central differences.
  std::vector<double> slopes(Rows& values, const Matrix& g, bool reverse) {
    std::vector<double> all;
    for (auto& row : values) {
      for (double& v : row) {
        all.push_back(difference_quotient(v, [&] {
          const Rows y = outputs(reverse);
          double loss = 0.0;
          for (size_t t = 0; t < y.size(); ++t) {
            for (size_t j = 0; j < y[t].size(); ++j) loss += g(t, j) * y[t][j];
          }
          return loss;
        }));
      }
    }
    return all;
  }

  Cell cell;
  GateFunction gate_function;
  std::vector<uint32_t> lengths;
  Rows inputs, weight_hh, bias, recurrent_bias, z_gates, z_units;
};

// Gates are right to 4e-7 and the state carries errors over at most five steps; gradients are sums
// of some ten terms of about 1.
constexpr double kOutputTolerance = 2e-6;
constexpr double kGradientTolerance = 1e-5;

void expect_reference(const Layer& layer, bool reverse, bool with_gradients) {
  RecurrentHarness harness = layer.harness(reverse);
  ReferenceLayer reference(layer);
  expect_close(harness.forward(layer.inputs), flat(reference.outputs(reverse)), kOutputTolerance,
               "y");
  if (!with_gradients) return;
  const auto got = harness.backward(layer.output_gradient);
  const auto expect = [&](const Matrix& gradient, Rows& values, const char* what) {
    expect_close(gradient, reference.slopes(values, layer.output_gradient, reverse),
                 kGradientTolerance, what);
  };
  expect(got.inputs, reference.inputs, "dx");
  expect(got.weight_hh, reference.weight_hh, "dW^h");
  expect(got.bias, reference.bias, "db");
  if (layer.cell == Cell::gru) expect(got.recurrent_bias, reference.recurrent_bias, "db_hn");
  expect(got.z_gates, reference.z_gates, "dz gates");
  expect(got.z_units, reference.z_units, "dz units");
}

class RecurrentOfWidth : public testing::TestWithParam<std::tuple<Kind, size_t>> {};
INSTANTIATE_TEST_SUITE_P(Widths, RecurrentOfWidth,
                         testing::Combine(testing::ValuesIn(kKinds),
                                          testing::Values(1, 3, 4, 5, 7, 8, 9, 13, 16)),
                         [](const auto& test) {
                           return name_of(std::get<0>(test.param)) + "_" +
                                  std::to_string(std::get<1>(test.param));
                         });

TEST_P(RecurrentOfWidth, EqualsTheEquationsInDoublePrecision) {
  // Unsorted lengths with 1 and none at all; six sequences make slices of one and of two.
  const auto& [kind, hidden] = GetParam();
  const Layer layer(kind, hidden, {1, 3, 1, 0, 2, 1}, 5);
  for (const bool reverse : {false, true}) expect_reference(layer, reverse, true);
}

class Recurrent : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, Recurrent, testing::ValuesIn(kKinds),
                         [](const auto& test) { return name_of(test.param); });

TEST_P(Recurrent, IsTheSameOnEveryInstructionSet) {
  for_each_target([&] {
    for (const size_t hidden : {3u, 8u, 16u}) {
      expect_reference(Layer(GetParam(), hidden, {2, 1}, 6), true, true);
    }
  });
}

TEST_P(Recurrent, WideLayersUseTheGeneralProduct) {
  expect_reference(Layer(GetParam(), 100, {5, 3, 1, 0, 4}, 7), false, false);
}

// Some of the numbers: a quotient takes two passes. Each of the four slices has more than the 32
// tokens from which on large products are on tiles, where the processor has them.
TEST_P(Recurrent, WideLayersGradientsAreTheSlopesOfTheEquations) {
  const Layer layer(GetParam(), 120, {21, 20, 20, 19, 18, 0, 18, 17, 17}, 12);
  ReferenceLayer reference(layer);
  const auto loss = [&] {
    const Rows y = reference.outputs(false);
    double sum = 0.0;
    for (size_t t = 0; t < y.size(); ++t) {
      for (size_t j = 0; j < y[t].size(); ++j) sum += layer.output_gradient(t, j) * y[t][j];
    }
    return sum;
  };
  RecurrentHarness harness = layer.harness(false);
  harness.forward(layer.inputs);
  const auto got = harness.backward(layer.output_gradient);
  const auto expect = [&](const Matrix& gradient, Rows& values, const char* what) {
    double largest = 0.0;
    for (const float g : gradient.values()) largest = std::max(largest, std::abs(double{g}));
    const size_t step = gradient.size() / 7 + 1;
    for (size_t i = 0; i < gradient.size(); i += step) {
      const size_t row = i / gradient.cols(), column = i % gradient.cols();
      const double slope = difference_quotient(values[row][column], loss);
      EXPECT_NEAR(gradient(row, column), slope, kGradientTolerance * largest) << what << " " << i;
    }
  };
  expect(got.inputs, reference.inputs, "dx");
  expect(got.weight_hh, reference.weight_hh, "dW^h");
  expect(got.bias, reference.bias, "db");
}

TEST_P(Recurrent, StaysFiniteWhenSaturated) {
  Layer layer(GetParam(), 5, {4, 2}, 8);
  for (float& x : layer.inputs.values()) x *= 1000.0f;
  expect_reference(layer, false, false);
  RecurrentHarness harness = layer.harness(false);
  harness.forward(layer.inputs);
  const auto gradients = harness.backward(layer.output_gradient);
  for (const float d : gradients.inputs.values()) EXPECT_TRUE(std::isfinite(d));
}

TEST_P(Recurrent, PaddedUnitsStayZero) {
  // What lies between the blocks takes no part: outputs, sums' gradients and multipliers' too.
  const Layer layer(GetParam(), 5, {3, 2, 4}, 9);
  RecurrentHarness harness = layer.harness(false);
  harness.forward(layer.inputs);
  harness.backward(layer.output_gradient);
  for (size_t row = 0; row < layer.tokens; ++row) {
    for (size_t j = 5; j < 8; ++j) {
      EXPECT_EQ(harness.tape.output(row, j), 0.0f);
      for (size_t k = 0; k < gates_of(GetParam().cell); ++k)
        EXPECT_EQ(harness.tape.sums(row, k * 8 + j), 0.0f);
    }
  }
}

class HardGates : public testing::TestWithParam<Cell> {};
INSTANTIATE_TEST_SUITE_P(Cells, HardGates, testing::Values(Cell::lstm, Cell::gru),
                         [](const auto& test) { return std::string(cell_name(test.param)); });

TEST_P(HardGates, AreExactlyOpenOrShutBeyondTheirLine) {
  Layer layer({GetParam(), GateFunction::hard_sigmoid}, 5, {4, 2}, 11);
  for (float& x : layer.inputs.values()) x *= 3.0f;
  RecurrentHarness harness = layer.harness(false);
  harness.forward(layer.inputs);
  const Matrix sums = harness.tape.sums;
  harness.backward(layer.output_gradient);  // the sums become their gradients
  size_t shut = 0, open = 0, between = 0;
  for (size_t row = 0; row < layer.tokens; ++row) {
    const uint32_t sequence = harness.packed.sequence_of[harness.packed.token_at[0][row]];
    for (size_t j = 0; j < 5; ++j) {
      const size_t at = 8 + j;  // f or u
      const float a = harness.z_gates(sequence, at) * sums(row, at) + harness.bias(0, at);
      (a < -2.5f ? shut : a > 2.5f ? open : between) += 1;
      if (std::abs(a) > 2.5f) {
        EXPECT_EQ(harness.tape.sums(row, at), 0.0f) << "its slope is 0";
      }
    }
  }
  for (const size_t count : {shut, open, between}) EXPECT_GT(count, 0u);
  expect_reference(layer, false, true);
}

TEST_P(Recurrent, GradientsAreAddedUp) {
  const Layer layer(GetParam(), 4, {3, 2}, 10);
  RecurrentHarness once = layer.harness(false), twice = layer.harness(false);
  once.forward(layer.inputs);
  const Matrix single = once.backward(layer.output_gradient).weight_hh;
  twice.forward(layer.inputs);
  twice.backward(layer.output_gradient);
  // A second draw, its gradients brought to the same parameter.
  RecurrentHarness second = layer.harness(false);
  second.recurrent.mean_gradient = twice.recurrent.mean_gradient;
  second.forward(layer.inputs);
  Matrix sum = second.backward(layer.output_gradient).weight_hh;
  scale(0.5f, sum.values());
  expect_close(sum, single, 1e-6, "dW^h");
}

}  // namespace
}  // namespace ockham
