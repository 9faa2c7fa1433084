#include "ockham/nn/small_lstm.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "tests/support/each_target.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/random_matrix.hpp"
#include "tests/support/recurrent_harness.hpp"

namespace ockham {
namespace {

/// A product that does not give its weights away, so that layers take the way of all.
class Opaque final : public Product {
 public:
  explicit Opaque(std::unique_ptr<Product> product) : product_(std::move(product)) {}

  void multiply(ConstMatrixView x, std::span<const uint32_t> draws, MatrixView y,
                Accumulate accumulate) const override {
    product_->multiply(x, draws, y, accumulate);
  }
  void multiply_transposed(ConstMatrixView x, ConstMatrixView g, std::span<const uint32_t> draws,
                           MatrixView dx, Accumulate accumulate) const override {
    product_->multiply_transposed(x, g, draws, dx, accumulate);
  }
  void add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                    std::span<const uint32_t> draws) override {
    product_->add_gradient(slice, x, g, draws);
  }
  void finish(Parameter& parameter) override { product_->finish(parameter); }

 private:
  std::unique_ptr<Product> product_;
};

/// An LSTM of random numbers, of which `sequences` are any.
class Lstm {
 public:
  Lstm(size_t hidden, std::vector<uint32_t> lengths, GateFunction function)
      : hidden_(hidden), lengths_(std::move(lengths)), function_(function) {
    for (const uint32_t length : lengths_) tokens_ += length;
    inputs = matrix(tokens_, 4 * hidden);
    output_gradient = matrix(tokens_, hidden);
    initial_output_ = matrix(lengths_.size(), hidden);
    initial_cell_ = matrix(lengths_.size(), hidden);
    final_gradient = matrix(lengths_.size(), hidden);
    z_gates_ = matrix(lengths_.size(), 4 * hidden);
    z_units_ = matrix(lengths_.size(), hidden);
    weights_ = matrix(hidden, 4 * hidden);
    bias_ = matrix(1, 4 * hidden);
  }

  RecurrentHarness harness(bool initial_states) const {
    RecurrentHarness made(Cell::lstm, lengths_, weights_, bias_, {}, z_gates_, z_units_, false,
                          function_);
    if (initial_states) made.start_from(initial_output_, initial_cell_);
    return made;
  }

  /// The sequence with the number, by itself.
  RecurrentHarness alone(size_t sequence) const {
    return {Cell::lstm,
            {lengths_[sequence]},
            weights_,
            bias_,
            {},
            rows(z_gates_, sequence, 1),
            rows(z_units_, sequence, 1),
            false,
            function_};
  }

  static Matrix rows(const Matrix& m, size_t first, size_t count) {
    Matrix some(count, m.cols());
    std::copy_n(m.row(first), count * m.cols(), some.data());
    return some;
  }

  Matrix inputs, output_gradient, final_gradient;

 private:
  Matrix matrix(size_t rows, size_t cols) { return random_matrix(random_, rows, cols, 0.0f, 0.7f); }

  std::mt19937 random_{3};
  size_t hidden_, tokens_ = 0;
  std::vector<uint32_t> lengths_;
  GateFunction function_;
  Matrix initial_output_, initial_cell_, z_gates_, z_units_, weights_, bias_;
};

/// Four slices of four and five sequences, some without tokens: groups are whole and are not.
std::vector<uint32_t> lengths() {
  return {3, 7, 1, 0, 4, 4, 9, 2, 5, 5, 5, 1, 8, 6, 0, 3, 2};
}

void expect_the_way_of_all(const Lstm& lstm, bool initial_states) {
  RecurrentHarness small = lstm.harness(initial_states), general = lstm.harness(initial_states);
  general.product = std::make_unique<Opaque>(std::move(general.product));
  ASSERT_FALSE(SmallLstm::takes(general.draw(), general.tape));
  ASSERT_EQ(SmallLstm::takes(small.draw(), small.tape),
            small_lstm_side(small.tape.state.cols()) > 0);
  // Some ulps: the products' sums have another order. 5e-7 comes out.
  constexpr double kTolerance = 4e-6;
  expect_close(small.forward(lstm.inputs), general.forward(lstm.inputs), kTolerance, "y");
  const auto got = small.backward(lstm.output_gradient, lstm.final_gradient);
  const auto expected = general.backward(lstm.output_gradient, lstm.final_gradient);
  expect_close(got.inputs, expected.inputs, kTolerance, "ds");
  expect_close(got.weight_hh, expected.weight_hh, kTolerance, "dW^h");
  expect_close(got.bias, expected.bias, kTolerance, "db");
  expect_close(got.z_gates, expected.z_gates, kTolerance, "dz gates");
  expect_close(got.z_units, expected.z_units, kTolerance, "dz units");
  if (!initial_states) return;
  expect_close(got.initial_output, expected.initial_output, kTolerance, "dy_0");
  expect_close(got.initial_state, expected.initial_state, kTolerance, "dc_0");
}

TEST(SmallLstm, IsTheSameAsTheWayOfAllOnEveryInstructionSet) {
  for_each_target([] {
    for (const size_t hidden : {2, 4, 5, 8}) {
      for (const auto function : {GateFunction::sigmoid, GateFunction::hard_sigmoid}) {
        for (const bool initial_states : {false, true}) {
          SCOPED_TRACE(testing::Message() << hidden << " units, initial states " << initial_states);
          expect_the_way_of_all(Lstm(hidden, lengths(), function), initial_states);
        }
      }
    }
  });
}

TEST(SmallLstm, RowsStandSideBySideAsFarAsVectorsGo) {
  for_each_target([] {
    const bool wide = small_lstm_side(8) > 0;
    EXPECT_EQ(small_lstm_side(4), wide ? 2u : 1u);
    EXPECT_LE(small_lstm_side(8), 1u);
    EXPECT_EQ(small_lstm_side(16), 0u);
  });
}

TEST(SmallLstm, InputsMayComeLate) {
  const Lstm lstm(4, lengths(), GateFunction::sigmoid);
  RecurrentHarness at_once = lstm.harness(true), late = lstm.harness(true);
  const Matrix expected = at_once.forward(lstm.inputs);
  const Matrix wide = widen(lstm.inputs, late.gates, lstm.inputs.rows());
  for (const Slice& slice : late.packed.slices) {
    size_t calls = 0;
    RecurrentDraw draw = late.draw();
    draw.bring_inputs = [&](size_t first, size_t count) {
      ++calls;
      for (size_t row = first; row < first + count; ++row) {
        std::copy_n(wide.row(late.packed.token_at[0][row]), wide.cols(), late.tape.sums.row(row));
      }
    };
    // As if a row took so much of the cache that each step's inputs are brought by themselves.
    InputFeed inputs(draw, slice, 100'000);
    SmallLstm(draw, slice, late.tape).forward(inputs);
    EXPECT_EQ(calls, slice.steps());
  }
  EXPECT_TRUE(std::ranges::equal(late.in_batch_order(late.tape.output, late.units).values(),
                                 expected.values()));
}

TEST(SmallLstm, TakesFewUnitsOnly) {
  for (const size_t hidden : {1, 4, 9, 100}) {
    const Lstm lstm(hidden, {2, 1}, GateFunction::sigmoid);
    const RecurrentHarness harness = lstm.harness(false);
    EXPECT_EQ(SmallLstm::takes(harness.draw(), harness.tape), hidden <= 4) << hidden;
  }
}

TEST(SmallLstm, ASequenceHasTheSameOutputsWhateverStandsBesideIt) {
  for_each_target([] {
    for (const size_t hidden : {4, 8}) {
      const Lstm lstm(hidden, lengths(), GateFunction::sigmoid);
      const Matrix together = lstm.harness(false).forward(lstm.inputs);
      size_t first = 0;
      for (size_t b = 0; b < lengths().size(); ++b) {
        const size_t tokens = lengths()[b];
        if (tokens > 0) {
          const Matrix alone = lstm.alone(b).forward(Lstm::rows(lstm.inputs, first, tokens));
          EXPECT_TRUE(
              std::ranges::equal(alone.values(), Lstm::rows(together, first, tokens).values()))
              << "sequence " << b;
        }
        first += tokens;
      }
    }
  });
}

}  // namespace
}  // namespace ockham
