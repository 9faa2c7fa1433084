#include "ockham/nn/lstm_gates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tests/support/each_target.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

/// What a step reads and writes: [rows, units] and [rows, gates], with `gap` further columns in
/// memory behind each row, which no step may touch. The same seed gives the same numbers.
class Step {
 public:
  Step(size_t rows, size_t units, size_t gap) : rows_(rows), units_(units), gap_(gap) {
    for (size_t i = 0; i < kMatrices; ++i) {
      const size_t width = i < kUnitMatrices ? units : 4 * units;
      Matrix m(rows, width + gap, kUntouched);
      const Matrix numbers = random_matrix(random_, rows, width);
      for (size_t r = 0; r < rows; ++r) std::ranges::copy(numbers.view().row_span(r), m.row(r));
      matrices_.push_back(std::move(m));
    }
    fill_normal(random_, bias_, 0.0f, 1.0f);
    fill_normal(random_, bias_gradient_, 0.0f, 1.0f);
  }

  void run(GateFunction function) {
    lstm_gates_forward({.gate_function = function,
                        .bias = bias_.data(),
                        .z_gates = view(kZGates),
                        .z_units = view(kZUnits),
                        .sums = view(kSums),
                        .cell_before = view(kCellBefore),
                        .cell = view(kCell),
                        .output = view(kOutput)});
    lstm_gates_backward({.gate_function = function,
                         .bias = bias_.data(),
                         .z_gates = view(kZGates),
                         .z_units = view(kZUnits),
                         .cell_before = view(kCellBefore),
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
      const ConstMatrixView m = matrices_[i].view();
      for (size_t r = 0; r < rows_; ++r) {
        const auto row = m.row_span(r).first(m.cols - gap_);
        all.insert(all.end(), row.begin(), row.end());
      }
    }
    all.insert(all.end(), bias_gradient_.begin(), bias_gradient_.end());
    return all;
  }

  bool gaps_are_untouched() const {
    return std::ranges::all_of(matrices_, [&](const Matrix& m) {
      for (size_t r = 0; r < rows_; ++r) {
        for (const float x : m.view().row_span(r).last(gap_)) {
          if (x != kUntouched) return false;
        }
      }
      return true;
    });
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
  static constexpr float kUntouched = 7.5f;

  MatrixView view(Name name) {
    const MatrixView m = matrices_[name];
    return m.column_range(0, m.cols - gap_);
  }

  size_t rows_, units_, gap_;
  std::mt19937 random_{5};
  std::vector<Matrix> matrices_;
  std::vector<float> bias_ = std::vector<float>(4 * units_);
  std::vector<float> bias_gradient_ = bias_;
};

/// Rows without gaps may be taken several at a time; with gaps they are taken one by one, up to
/// roundings of products that are added to.
TEST(LstmGates, GapsBetweenRowsChangeNothing) {
  for_each_target([] {
    for (const auto function : {GateFunction::sigmoid, GateFunction::hard_sigmoid}) {
      for (const size_t units : {4, 8, 16}) {
        for (const size_t rows : {1, 2, 3, 4, 7, 8}) {
          SCOPED_TRACE(testing::Message() << units << " units, " << rows << " rows");
          Step dense(rows, units, 0), gaps(rows, units, 4);
          dense.run(function);
          gaps.run(function);
          const std::vector<float> expected = gaps.numbers(), found = dense.numbers();
          ASSERT_EQ(found.size(), expected.size());
          for (size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 3e-6) << i;
          EXPECT_TRUE(gaps.gaps_are_untouched());
        }
      }
    }
  });
}

}  // namespace
}  // namespace ockham
