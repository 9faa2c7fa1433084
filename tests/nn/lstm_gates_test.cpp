#include "ockham/nn/lstm_gates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tests/support/each_target.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

/// What a step reads and writes: [rows, units] and [rows, gates]. One of the matrices has further
/// columns in memory behind each row, which no step may touch. The same numbers every time.
class Step {
 public:
  static constexpr size_t kAllMatrices = 10;

  Step(size_t rows, size_t units, size_t gap_matrix) : rows_(rows), units_(units) {
    for (size_t i = 0; i < kMatrices; ++i) {
      const size_t width = i < kUnitMatrices ? units : 4 * units;
      Matrix m(rows, width + (i == gap_matrix ? kGap : 0), kUntouched);
      const Matrix numbers = random_matrix(random_, rows, width);
      for (size_t r = 0; r < rows; ++r) std::ranges::copy(numbers.view().row_span(r), m.row(r));
      matrices_.push_back(std::move(m));
    }
    fill_normal(random_, bias_, 0.0f, 1.0f);
    fill_normal(random_, bias_gradient_, 0.0f, 1.0f);
  }

  /// `first`: nothing comes before the step.
  void run(GateFunction function, bool first) {
    const ConstMatrixView before = first ? ConstMatrixView() : view(kCellBefore);
    lstm_gates_forward({.gate_function = function,
                        .bias = bias_.data(),
                        .z_gates = view(kZGates),
                        .z_units = view(kZUnits),
                        .sums = view(kSums),
                        .cell_before = before,
                        .cell = view(kCell),
                        .output = view(kOutput)});
    lstm_gates_backward({.gate_function = function,
                         .bias = bias_.data(),
                         .z_gates = view(kZGates),
                         .z_units = view(kZUnits),
                         .cell_before = before,
                         .cell = view(kCell),
                         .output_gradient = view(kOutputGradient),
                         .sums = view(kSums),
                         .cell_gradient = view(kCellGradient),
                         .bias_gradient = bias_gradient_.data(),
                         .z_gates_gradient = view(kZGatesGradient),
                         .z_units_gradient = view(kZUnitsGradient)});
  }

  /// All that the step holds, row by row and without the gaps, the bias' gradient last.
  std::vector<float> numbers() const {
    std::vector<float> all;
    for (size_t i = 0; i < kMatrices; ++i) {
      for (size_t r = 0; r < rows_; ++r) {
        const auto row = matrices_[i].view().row_span(r).first(width(i));
        all.insert(all.end(), row.begin(), row.end());
      }
    }
    all.insert(all.end(), bias_gradient_.begin(), bias_gradient_.end());
    return all;
  }

  bool gaps_are_untouched() const {
    for (size_t i = 0; i < kMatrices; ++i) {
      for (size_t r = 0; r < rows_; ++r) {
        const auto gap = matrices_[i].view().row_span(r).subspan(width(i));
        if (!std::ranges::all_of(gap, [](float x) { return x == kUntouched; })) return false;
      }
    }
    return true;
  }

 private:
  enum Name : size_t {
    kZUnits,
    kCellBefore,
    kCell,
    kOutput,
    kOutputGradient,
    kCellGradient,
    kZUnitsGradient,
    kUnitMatrices,
    kZGates = kUnitMatrices,
    kSums,
    kZGatesGradient,
    kMatrices
  };
  static_assert(kMatrices == kAllMatrices);
  static constexpr float kUntouched = 7.5f;
  static constexpr size_t kGap = 4;

  size_t width(size_t matrix) const { return matrix < kUnitMatrices ? units_ : 4 * units_; }

  MatrixView view(Name name) {
    const MatrixView m = matrices_[name];
    return m.column_range(0, width(name));
  }

  size_t rows_, units_;
  std::mt19937 random_{5};
  std::vector<Matrix> matrices_;
  std::vector<float> bias_ = std::vector<float>(4 * units_);
  std::vector<float> bias_gradient_ = bias_;
};

void expect_same(Step& dense, Step& gaps, GateFunction function, bool first) {
  dense.run(function, first);
  gaps.run(function, first);
  const std::vector<float> expected = gaps.numbers(), found = dense.numbers();
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    // Some ulps: products that are added may be rounded before, and sums have another order.
    EXPECT_NEAR(found[i], expected[i], 2e-6 * (1 + std::abs(expected[i]))) << i;
  }
  EXPECT_TRUE(gaps.gaps_are_untouched());
}

/// Rows without any gap may be taken otherwise than those with one, whichever matrix has it.
TEST(LstmGates, GapsBetweenRowsChangeNothing) {
  for_each_target([] {
    for (size_t gap = 0; gap < Step::kAllMatrices; ++gap) {
      for (const size_t units : {4, 8}) {
        for (const size_t rows : {1, 2, 5, 8}) {
          for (const bool first : {false, true}) {
            SCOPED_TRACE(testing::Message() << gap << ": " << units << " units, " << rows << " rows"
                                            << (first ? ", first" : ""));
            Step dense(rows, units, Step::kAllMatrices), gaps(rows, units, gap);
            const bool hard = rows == 5;
            expect_same(dense, gaps, hard ? GateFunction::hard_sigmoid : GateFunction::sigmoid,
                        first);
          }
        }
      }
    }
  });
}

}  // namespace
}  // namespace ockham
