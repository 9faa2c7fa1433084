#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ockham/tensor/kernels.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/plain_matrix.hpp"
#include "tests/support/recurrent_harness.hpp"

// The layer against PyTorch's own cells and against autograd with group multipliers. The layer's
// interface starts after the input projection, so x W^x and its gradients are worked out here.
namespace ockham {
namespace {

using nlohmann::json;

// Gates are right to 4e-7, the state carries errors over five steps; gradients sum up to fifty
// terms of about 1.
constexpr double kOracleOutputTolerance = 2e-6;
constexpr double kOracleGradientTolerance = 1e-5;

class RecurrentOracle : public testing::TestWithParam<Cell> {
 protected:
  /// The name of the cell's file.
  static std::string file(const std::string& suffix = "") {
    return std::string(cell_name(GetParam())) + suffix;
  }
  static size_t gates() { return gates_of(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentOracle, testing::Values(Cell::lstm, Cell::gru),
                         [](const auto& test) { return std::string(cell_name(test.param)); });

TEST_P(RecurrentOracle, EqualsPyTorchs) {
  const json cases = read_oracle(file());
  ASSERT_EQ(cases.size(), 2u);
  for (const json& c : cases) {
    const bool bidirectional = c["bidirectional"];
    SCOPED_TRACE(bidirectional ? "bidirectional" : "one direction");
    const std::vector<uint32_t> lengths = c["lengths"];
    const size_t hidden = c["hidden"];
    const Matrix x = live_rows(c["x"], lengths), output = live_rows(c["output"], lengths);
    const Matrix weight_of_output = live_rows(c["weight_of_output"], lengths);
    Matrix dx(x.rows(), x.cols());
    for (size_t d = 0; d < (bidirectional ? 2u : 1u); ++d) {
      // weight_ih [G H, E] and weight_hh [G H, H] are the transposes of ours; two biases are one,
      // but a GRU's candidate's.
      const auto named = [&](const char* what, const std::string& name) -> const json& {
        return c[what][name + "_l0" + (d == 1 ? "_reverse" : "")];
      };
      const size_t columns_in = gates() * hidden;
      const Matrix weight_ih = transposed(to_matrix(named("parameters", "weight_ih"), columns_in));
      TwoBiases biases(GetParam(), to_matrix(named("parameters", "bias_ih"), 1),
                       to_matrix(named("parameters", "bias_hh"), 1));
      RecurrentHarness layer(
          GetParam(), lengths, transposed(to_matrix(named("parameters", "weight_hh"), columns_in)),
          biases.bias, biases.recurrent, Matrix(lengths.size(), columns_in, 1.0f),
          Matrix(lengths.size(), hidden, 1.0f), d == 1);
      expect_close(layer.forward(product(x, weight_ih)), columns(output, d * hidden, hidden),
                   kOracleOutputTolerance, "output");

      // h_n is the output after a direction's last step.
      Matrix dy = columns(weight_of_output, d * hidden, hidden);
      layer.add_to_last_steps(to_matrix(c["weight_of_h"][d], lengths.size()), dy);
      const auto got = layer.backward(dy);
      const auto expect = [&](const Matrix& gradient, const std::string& name) {
        const json& wanted = named("grad_parameters", name);
        expect_close(gradient, to_matrix(wanted, wanted.size()), kOracleGradientTolerance, name);
      };
      expect(transposed(got.weight_hh), "weight_hh");
      expect(product(transposed(got.inputs), x), "weight_ih");
      expect_close(got.bias, to_matrix(named("grad_parameters", "bias_ih"), 1),
                   kOracleGradientTolerance, "bias");
      expect_close(biases.gradient_of_second(got.bias, got.recurrent_bias),
                   to_matrix(named("grad_parameters", "bias_hh"), 1), kOracleGradientTolerance,
                   "bias_hh");
      add(product(got.inputs, transposed(weight_ih)), dx);
    }
    expect_close(dx, live_rows(c["grad_x"], lengths), kOracleGradientTolerance, "x");
  }
}

/// x~ = z_x x, one z_x for each sequence.
Matrix scaled_by_sequence(const Matrix& x, const Matrix& z, const PackedBatch& packed) {
  Matrix scaled = x;
  for (size_t token = 0; token < x.rows(); ++token) {
    multiply(z.view().row_span(packed.sequence_of[token]), scaled.view().row_span(token));
  }
  return scaled;
}

TEST_P(RecurrentOracle, MultipliersOfEachSequence) {
  const json cases = read_oracle(file("_groups"), "cases");
  ASSERT_EQ(cases.size(), 3u);
  for (size_t number = 0; number < 2; ++number) {
    const json& c = cases[number];
    SCOPED_TRACE(c["directions"].dump() + " direction(s)");
    const std::vector<uint32_t> lengths = c["lengths"];
    const size_t sequences = lengths.size(), directions = c["directions"];
    const Matrix x = live_rows(c["x"], lengths), z_x = to_matrix(c["z_x"], sequences);
    const Matrix output = live_rows(c["output"], lengths);
    const Matrix weight_of_output = live_rows(c["weight_of_output"], lengths);
    const size_t hidden = output.cols() / directions;
    Matrix dx(x.rows(), x.cols()), dz_x(sequences, x.cols());
    for (size_t d = 0; d < directions; ++d) {
      const json &p = c["parameters"][d], &wanted = c["grad_parameters"][d];
      const Matrix weight_ih = gates_to_matrix(p["W_x"]);
      const bool gru = GetParam() == Cell::gru;
      RecurrentHarness layer(GetParam(), lengths, gates_to_matrix(p["W_h"]),
                             to_matrix(p["bias"], 1), gru ? to_matrix(p["bias_h"], 1) : Matrix(),
                             to_matrix(p["z_gates"], sequences), to_matrix(p["z_h"], sequences),
                             d == 1);
      const Matrix scaled = scaled_by_sequence(x, z_x, layer.packed);
      expect_close(layer.forward(product(scaled, weight_ih)), columns(output, d * hidden, hidden),
                   kOracleOutputTolerance, "output");
      const auto got = layer.backward(columns(weight_of_output, d * hidden, hidden));
      expect_close(product(transposed(scaled), got.inputs), gates_to_matrix(wanted["W_x"]),
                   kOracleGradientTolerance, "W^x");
      expect_close(got.weight_hh, gates_to_matrix(wanted["W_h"]), kOracleGradientTolerance, "W^h");
      expect_close(got.bias, to_matrix(wanted["bias"], 1), kOracleGradientTolerance, "bias");
      if (gru) {
        expect_close(got.recurrent_bias, to_matrix(wanted["bias_h"], 1), kOracleGradientTolerance,
                     "b_hn");
      }
      expect_close(got.z_gates, to_matrix(wanted["z_gates"], sequences), kOracleGradientTolerance,
                   "z_gates");
      expect_close(got.z_units, to_matrix(wanted["z_h"], sequences), kOracleGradientTolerance,
                   "z_h");

      const Matrix dscaled = product(got.inputs, transposed(weight_ih));
      add(scaled_by_sequence(dscaled, z_x, layer.packed), dx);
      for (size_t token = 0; token < x.rows(); ++token) {
        for (size_t i = 0; i < x.cols(); ++i) {
          dz_x(layer.packed.sequence_of[token], i) += dscaled(token, i) * x(token, i);
        }
      }
    }
    expect_close(dx, live_rows(c["grad_x"], lengths), kOracleGradientTolerance, "x");
    expect_close(dz_x, to_matrix(c["grad_z_x"], sequences), kOracleGradientTolerance, "z_x");
  }
}

TEST_P(RecurrentOracle, FoldedAndCompactedLayer) {
  const json c = read_oracle(file("_groups"), "cases")[2];
  const auto recurrent_bias = [](const json& from) {
    return GetParam() == Cell::gru ? to_matrix(from["bias_h"], 1) : Matrix();
  };
  const std::vector<uint32_t> lengths = c["lengths"];
  const size_t sequences = lengths.size();
  const Matrix x = live_rows(c["x"], lengths), z_x = to_matrix(c["z_x"], 1);
  RecurrentHarness full(GetParam(), lengths, gates_to_matrix(c["W_h"]), to_matrix(c["bias"], 1),
                        recurrent_bias(c), repeated(to_matrix(c["z_gates"], 1), sequences),
                        repeated(to_matrix(c["z_h"], 1), sequences), false);
  const Matrix scaled = scaled_by_sequence(x, repeated(z_x, sequences), full.packed);
  const Matrix y = full.forward(product(scaled, gates_to_matrix(c["W_x"])));
  expect_close(y, live_rows(c["output"], lengths), kOracleOutputTolerance, "with exact zeros");

  const json& compact = c["compact"];
  const std::vector<uint32_t> kept_x = compact["kept_x"], kept_h = compact["kept_h"];
  const size_t hidden = kept_h.size();
  RecurrentHarness small(GetParam(), lengths, gates_to_matrix(compact["W_h"]),
                         to_matrix(compact["bias"], 1), recurrent_bias(compact),
                         Matrix(sequences, gates() * hidden, 1.0f), Matrix(sequences, hidden, 1.0f),
                         false);
  std::vector<uint32_t> tokens(x.rows());
  for (uint32_t i = 0; i < tokens.size(); ++i) tokens[i] = i;
  const Matrix small_x = select_elements(x, tokens, kept_x);
  Matrix small_y = small.forward(product(small_x, gates_to_matrix(compact["W_x"])));
  expect_close(small_y, live_rows(compact["unscaled_output"], lengths), kOracleOutputTolerance,
               "compact");
  // The readers' rows take up z_h; then both layers are one.
  const Matrix scale_of_readers = to_matrix(compact["scale_of_readers"], 1);
  for (size_t r = 0; r < small_y.rows(); ++r) {
    multiply(scale_of_readers.values(), small_y.view().row_span(r));
  }
  expect_close(small_y, select_elements(y, tokens, kept_h), 2 * kOracleOutputTolerance, "scaled");
}

}  // namespace
}  // namespace ockham
