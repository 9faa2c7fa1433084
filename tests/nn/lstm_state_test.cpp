#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "ockham/tensor/kernels.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/lstm_harness.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/plain_matrix.hpp"
#include "tests/support/random_matrix.hpp"

// Initial and final states against PyTorch's own LSTM: one direction, both, and two layers of both
// with unsorted lengths. Stacking and input projections are worked out here.
namespace ockham {
namespace {

using nlohmann::json;

// Gates are right to 4e-7 and errors travel at most five steps through each of two layers; 3e-7 is
// what comes out.
constexpr double kStateTolerance = 2e-6;
// Sums of some fifty terms of about 1 that have come through the same steps twice; 7e-7 comes out.
constexpr double kGradientTolerance = 1e-5;
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
  Stack(json values, size_t copies_in) : c(std::move(values)), copies(copies_in) {
    for (size_t i = 0; i < copies; ++i) {
      const std::vector<uint32_t> once = c["lengths"];
      lengths.insert(lengths.end(), once.begin(), once.end());
    }
    for (size_t i = 0; i < c["layers"].get<size_t>() * directions; ++i) {
      weight_ih.push_back(transposed(parameter("parameters", "weight_ih", i)));
      Matrix bias = transposed(parameter("parameters", "bias_ih", i));
      add(transposed(parameter("parameters", "bias_hh", i)), bias);
      lstm.emplace_back(lengths, transposed(parameter("parameters", "weight_hh", i)), bias,
                        Matrix(lengths.size(), 4 * hidden, 1.0f),
                        Matrix(lengths.size(), hidden, 1.0f), i % directions == 1);
      lstm.back().start_from(states("h0", i), states("c0", i));
    }
  }

  void expect_forward() {
    inputs = {tokens("x")};
    double loss = 0.0;
    for (size_t i = 0; i < lstm.size(); ++i) {
      SCOPED_TRACE("direction " + std::to_string(i));
      const size_t layer = i / directions, d = i % directions;
      if (d == 0) inputs.emplace_back(inputs[0].rows(), directions * hidden);
      const Matrix y = lstm[i].forward(product(inputs[layer], weight_ih[i]));
      set_columns(y, d * hidden, inputs[layer + 1]);
      const Matrix h_n = lstm[i].last_states(lstm[i].tape.output);
      const Matrix c_n = lstm[i].last_states(lstm[i].tape.cell);
      expect_close(h_n, states("h_n", i), kStateTolerance, "h_n");
      expect_close(c_n, states("c_n", i), kStateTolerance, "c_n");
      loss += weighed(h_n, states("weight_of_h", i)) + weighed(c_n, states("weight_of_c", i));
    }
    expect_close(inputs.back(), tokens("output"), kStateTolerance, "output");
    loss += weighed(inputs.back(), tokens("weight_of_output"));
    EXPECT_NEAR(loss / static_cast<double>(copies), c["loss"].get<double>(), kLossTolerance);
  }

  void expect_backward() {
    Matrix dy = tokens("weight_of_output"), dx;
    for (size_t i = lstm.size(); i-- > 0;) {
      SCOPED_TRACE("direction " + std::to_string(i));
      const size_t layer = i / directions, d = i % directions;
      if (dx.empty()) dx = Matrix(inputs[layer].rows(), inputs[layer].cols());
      // h_n is the output of the last step; c_n is not seen in any output.
      Matrix dh = columns(dy, d * hidden, hidden);
      lstm[i].add_to_last_steps(states("weight_of_h", i), dh);
      const auto got = lstm[i].backward(dh, states("weight_of_c", i));
      expect_close(got.initial_output, states("grad_h0", i), kGradientTolerance, "h0");
      expect_close(got.initial_cell, states("grad_c0", i), kGradientTolerance, "c0");
      expect_parameter("weight_ih", i, product(transposed(got.inputs), inputs[layer]));
      expect_parameter("weight_hh", i, transposed(got.weight_hh));
      expect_parameter("bias_ih", i, transposed(got.bias));
      expect_parameter("bias_hh", i, transposed(got.bias));
      add(product(got.inputs, transposed(weight_ih[i])), dx);
      if (d == 0) dy = std::exchange(dx, {});
    }
    expect_close(dy, tokens("grad_x"), kGradientTolerance, "x");
  }

 private:
  Matrix tokens(const char* name) const {
    const std::vector<uint32_t> once = c["lengths"];
    return repeated(live_rows(c[name], once), copies);
  }
  Matrix states(const char* name, size_t i) const {
    return repeated(to_matrix(c[name][i], c["batch"]), copies);
  }
  /// weight_ih [4H, E], weight_hh [4H, H]: the transposes of ours; biases [4H, 1].
  Matrix parameter(const char* what, const std::string& name, size_t i) const {
    const std::string layer = "_l" + std::to_string(i / directions);
    return to_matrix(c[what][name + layer + (i % directions == 1 ? "_reverse" : "")], 4 * hidden);
  }
  void expect_parameter(const std::string& name, size_t i, Matrix gradient) const {
    scale(1.0f / static_cast<float>(copies), gradient.values());
    expect_close(gradient, parameter("grad_parameters", name, i), kGradientTolerance, name);
  }

  json c;
  size_t copies;
  size_t hidden = c["hidden"], directions = c["bidirectional"] ? 2 : 1;
  std::vector<uint32_t> lengths;
  std::vector<Matrix> weight_ih;  // in the oracle's order: l0, l0_reverse, l1, ...
  std::vector<LstmHarness> lstm;
  std::vector<Matrix> inputs;  // of each layer, then the last one's outputs
};

class LstmStateOracle : public testing::TestWithParam<size_t> {};
INSTANTIATE_TEST_SUITE_P(Copies, LstmStateOracle, testing::Values(1, 3));

TEST_P(LstmStateOracle, EqualsPyTorchsLstm) {
  const json cases = read_oracle("lstm_state", "cases");
  ASSERT_EQ(cases.size(), 3u);
  for (const json& c : cases) {
    SCOPED_TRACE(c["layers"].dump() + " layer(s), bidirectional " + c["bidirectional"].dump());
    Stack stack(c, GetParam());
    stack.expect_forward();
    stack.expect_backward();
  }
}

TEST(LstmState, PassesThroughEmptySequences) {
  // Five sequences: one empty one shares a slice with a live one, the others fill slices.
  constexpr size_t kHidden = 3, kSequences = 5;
  std::mt19937 random(9);
  LstmHarness lstm({0, 2, 0, 0, 0}, random_matrix(random, kHidden, 4 * kHidden),
                   random_matrix(random, 1, 4 * kHidden), Matrix(kSequences, 4 * kHidden, 1.0f),
                   Matrix(kSequences, kHidden, 1.0f), false);
  lstm.start_from(random_matrix(random, kSequences, kHidden),
                  random_matrix(random, kSequences, kHidden));
  lstm.forward(random_matrix(random, 2, 4 * kHidden));
  const Matrix final_cell = random_matrix(random, kSequences, kHidden);
  const auto got = lstm.backward(Matrix(2, kHidden), final_cell);
  for (const size_t b : {0u, 2u, 3u, 4u}) {
    for (size_t j = 0; j < kHidden; ++j) {
      EXPECT_EQ(got.initial_cell(b, j), final_cell(b, j)) << "sequence " << b;
      EXPECT_EQ(got.initial_output(b, j), 0.0f) << "sequence " << b;
    }
  }
  for (size_t j = 0; j < kHidden; ++j) EXPECT_NE(got.initial_cell(1, j), final_cell(1, j));
}

}  // namespace
}  // namespace ockham
