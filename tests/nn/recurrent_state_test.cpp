#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "ockham/tensor/kernels.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/plain_matrix.hpp"
#include "tests/support/random_matrix.hpp"
#include "tests/support/recurrent_harness.hpp"

// Initial and final states against PyTorch's own cells: one direction, both, and two layers of both
// with unsorted lengths. Stacking and input projections are worked out here.
namespace ockham {
namespace {

using nlohmann::json;

// Gates are right to 4e-7 and errors travel at most five steps through each of two layers; 3e-7 is
// what comes out.
constexpr double kStateTolerance = 2e-6;
// Sums of some fifty terms of about 1 that have come through the same steps twice; 7e-7 comes out.
constexpr double kStateGradientTolerance = 1e-5;
// Some two hundred such outputs and states, weighed by numbers of about 1; 8e-7 comes out.
constexpr double kLossTolerance = 1e-5;

/// sum(a * b)
double weighed(const Matrix& a, const Matrix& b) {
  double sum = 0.0;
  for (size_t i = 0; i < a.size(); ++i) sum += double{a.values()[i]} * b.values()[i];
  return sum;
}

/// One case of the oracle with its batch repeated: per-sequence results repeat, the loss and the
/// parameters' gradients add up. Four sequences make a slice each; twelve make slices of three.
class Stack {
 public:
  Stack(Cell cell_in, json values, size_t copies_in)
      : cell(cell_in), c(std::move(values)), copies(copies_in) {
    for (size_t i = 0; i < copies; ++i) {
      const std::vector<uint32_t> once = c["lengths"];
      lengths.insert(lengths.end(), once.begin(), once.end());
    }
    for (size_t i = 0; i < c["layers"].get<size_t>() * directions; ++i) {
      weight_ih.push_back(transposed(parameter("parameters", "weight_ih", i)));
      biases.emplace_back(cell, transposed(parameter("parameters", "bias_ih", i)),
                          transposed(parameter("parameters", "bias_hh", i)));
      layer_directions.emplace_back(
          cell, lengths, transposed(parameter("parameters", "weight_hh", i)), biases[i].bias,
          biases[i].recurrent, Matrix(lengths.size(), gates_of(cell) * hidden, 1.0f),
          Matrix(lengths.size(), hidden, 1.0f), i % directions == 1);
      // A GRU's h is both what is read and what is carried.
      layer_directions.back().start_from(states("h0", i), states(has_cell ? "c0" : "h0", i));
    }
  }

  void expect_forward() {
    inputs = {tokens("x")};
    double loss = 0.0;
    for (size_t i = 0; i < layer_directions.size(); ++i) {
      SCOPED_TRACE("direction " + std::to_string(i));
      const size_t layer = i / directions, d = i % directions;
      if (d == 0) inputs.emplace_back(inputs[0].rows(), directions * hidden);
      const Matrix y = layer_directions[i].forward(product(inputs[layer], weight_ih[i]));
      set_columns(y, d * hidden, inputs[layer + 1]);
      const Matrix h_n = layer_directions[i].last_states(layer_directions[i].tape.output);
      expect_close(h_n, states("h_n", i), kStateTolerance, "h_n");
      loss += weighed(h_n, states("weight_of_h", i));
      if (!has_cell) continue;
      const Matrix c_n = layer_directions[i].last_states(layer_directions[i].tape.state);
      expect_close(c_n, states("c_n", i), kStateTolerance, "c_n");
      loss += weighed(c_n, states("weight_of_c", i));
    }
    expect_close(inputs.back(), tokens("output"), kStateTolerance, "output");
    loss += weighed(inputs.back(), tokens("weight_of_output"));
    EXPECT_NEAR(loss / static_cast<double>(copies), c["loss"].get<double>(), kLossTolerance);
  }

  void expect_backward() {
    Matrix dy = tokens("weight_of_output"), dx;
    for (size_t i = layer_directions.size(); i-- > 0;) {
      SCOPED_TRACE("direction " + std::to_string(i));
      const size_t layer = i / directions, d = i % directions;
      if (dx.empty()) dx = Matrix(inputs[layer].rows(), inputs[layer].cols());
      // h_n is the output of the last step; c_n is not seen in any output.
      Matrix dh = columns(dy, d * hidden, hidden);
      layer_directions[i].add_to_last_steps(states("weight_of_h", i), dh);
      const auto got =
          layer_directions[i].backward(dh, has_cell ? states("weight_of_c", i) : Matrix());
      Matrix dh0 = got.initial_output;
      if (has_cell) {
        expect_close(got.initial_state, states("grad_c0", i), kStateGradientTolerance, "c0");
      } else {
        add(got.initial_state, dh0);
      }
      expect_close(dh0, states("grad_h0", i), kStateGradientTolerance, "h0");
      expect_parameter("weight_ih", i, product(transposed(got.inputs), inputs[layer]));
      expect_parameter("weight_hh", i, transposed(got.weight_hh));
      expect_parameter("bias_ih", i, transposed(got.bias));
      expect_parameter("bias_hh", i,
                       transposed(biases[i].gradient_of_second(got.bias, got.recurrent_bias)));
      add(product(got.inputs, transposed(weight_ih[i])), dx);
      if (d == 0) dy = std::exchange(dx, {});
    }
    expect_close(dy, tokens("grad_x"), kStateGradientTolerance, "x");
  }

 private:
  Matrix tokens(const char* name) const {
    const std::vector<uint32_t> once = c["lengths"];
    return repeated(live_rows(c[name], once), copies);
  }
  Matrix states(const char* name, size_t i) const {
    return repeated(to_matrix(c[name][i], c["batch"]), copies);
  }
  /// weight_ih [G H, E], weight_hh [G H, H]: the transposes of ours; biases [G H, 1].
  Matrix parameter(const char* what, const std::string& name, size_t i) const {
    const std::string layer = "_l" + std::to_string(i / directions);
    return to_matrix(c[what][name + layer + (i % directions == 1 ? "_reverse" : "")],
                     gates_of(cell) * hidden);
  }
  void expect_parameter(const std::string& name, size_t i, Matrix gradient) const {
    scale(1.0f / static_cast<float>(copies), gradient.values());
    expect_close(gradient, parameter("grad_parameters", name, i), kStateGradientTolerance, name);
  }

  Cell cell;
  json c;
  size_t copies;
  bool has_cell = cell == Cell::lstm;  ///< a state that nobody reads
  size_t hidden = c["hidden"], directions = c["bidirectional"] ? 2 : 1;
  std::vector<uint32_t> lengths;
  std::vector<Matrix> weight_ih;  // in the oracle's order: l0, l0_reverse, l1, ...
  std::vector<TwoBiases> biases;
  std::vector<RecurrentHarness> layer_directions;
  std::vector<Matrix> inputs;  // of each layer, then the last one's outputs
};

class StateOracle : public testing::TestWithParam<std::tuple<Cell, size_t>> {};
INSTANTIATE_TEST_SUITE_P(Copies, StateOracle,
                         testing::Combine(testing::Values(Cell::lstm, Cell::gru),
                                          testing::Values(1, 3)));

TEST_P(StateOracle, EqualsPyTorchs) {
  const auto& [cell, copies] = GetParam();
  const json cases = read_oracle(std::string(cell_name(cell)) + "_state", "cases");
  ASSERT_EQ(cases.size(), 3u);
  for (const json& c : cases) {
    SCOPED_TRACE(c["layers"].dump() + " layer(s), bidirectional " + c["bidirectional"].dump());
    Stack stack(cell, c, copies);
    stack.expect_forward();
    stack.expect_backward();
  }
}

class RecurrentState : public testing::TestWithParam<Cell> {};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentState, testing::Values(Cell::lstm, Cell::gru));

TEST_P(RecurrentState, PassesThroughEmptySequences) {
  // Five sequences: one empty one shares a slice with a live one, the others fill slices.
  constexpr size_t kHidden = 3, kSequences = 5;
  std::mt19937 random(9);
  const size_t columns = gates_of(GetParam()) * kHidden;
  RecurrentHarness layer(GetParam(), {0, 2, 0, 0, 0}, random_matrix(random, kHidden, columns),
                         random_matrix(random, 1, columns), random_matrix(random, 1, kHidden),
                         Matrix(kSequences, columns, 1.0f), Matrix(kSequences, kHidden, 1.0f),
                         false);
  layer.start_from(random_matrix(random, kSequences, kHidden),
                   random_matrix(random, kSequences, kHidden));
  layer.forward(random_matrix(random, 2, columns));
  const Matrix final_state = random_matrix(random, kSequences, kHidden);
  const auto got = layer.backward(Matrix(2, kHidden), final_state);
  for (const size_t b : {0u, 2u, 3u, 4u}) {
    for (size_t j = 0; j < kHidden; ++j) {
      EXPECT_EQ(got.initial_state(b, j), final_state(b, j)) << "sequence " << b;
      EXPECT_EQ(got.initial_output(b, j), 0.0f) << "sequence " << b;
    }
  }
  for (size_t j = 0; j < kHidden; ++j) EXPECT_NE(got.initial_state(1, j), final_state(1, j));
}

}  // namespace
}  // namespace ockham
