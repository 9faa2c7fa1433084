#include "ockham/nn/small_lstm.hpp"

#include <algorithm>

#include "ockham/nn/packed_steps.hpp"
#include "ockham/tensor/matmul.hpp"

namespace ockham {
namespace {

constexpr size_t kGates = 4;

/// Every `units` numbers as often as a group has rows.
FloatVector alike(std::span<const float> numbers, size_t units, size_t side) {
  FloatVector all;
  all.reserve(numbers.size() * side);
  for (size_t first = 0; first < numbers.size(); first += units) {
    const auto some = numbers.subspan(first, units);
    for (size_t i = 0; i < side; ++i) all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

/// Calls visit(row, column, at) for the first of every `units` columns of [rows, 4 units] and where
/// they stand gate by gate.
template <typename Visit>
void for_each_gate(size_t rows, size_t units, size_t side, const Visit& visit) {
  const size_t lanes = units * side;
  for (size_t r = 0; r < rows; ++r) {
    const size_t group = r / side * kGates * lanes, row = r % side * units;
    for (size_t k = 0; k < kGates; ++k) visit(r, k * units, group + k * lanes + row);
  }
}

size_t grouped_size(size_t rows, size_t units, size_t side) {
  return (rows + side - 1) / side * side * kGates * units;
}

const float* data_or_null(const Matrix& matrix) {
  return matrix.empty() ? nullptr : matrix.data();
}

}  // namespace

bool SmallLstm::takes(const RecurrentDraw& draw, const RecurrentTape& tape) {
  return draw.recurrent->shared_weights() != nullptr && small_lstm_side(tape.state.cols()) > 0;
}

SmallLstm::SmallLstm(const RecurrentDraw& draw, const Slice& slice, RecurrentTape& tape)
    : draw_(draw),
      slice_(slice),
      units_(tape.state.cols()),
      side_(small_lstm_side(units_)),
      weights_(alike(draw.recurrent->shared_weights()->values(), units_, side_)),
      bias_(alike(draw.bias.row_span(0), units_, side_)),
      z_gates_(grouped_size(slice.sequences.size(), units_, side_), 0.0f),
      z_units_(slice_rows(draw.z_units, slice)),
      initial_output_(slice_rows(draw.initial_output, slice)),
      initial_cell_(slice_rows(draw.initial_state, slice)) {
  for_each_gate(slice.sequences.size(), units_, side_, [&](size_t r, size_t column, size_t at) {
    std::copy_n(draw.z_gates.row(slice.sequences[r]) + column, units_, &z_gates_[at]);
  });
  walk_ = {.gate_function = draw.gate_function,
           .units = units_,
           .step_begin = slice.step_begin,
           .weights = weights_.data(),
           .bias = bias_.data(),
           .z_gates = z_gates_.data(),
           .z_units = z_units_.data(),
           .initial_output = data_or_null(initial_output_),
           .initial_cell = data_or_null(initial_cell_),
           .sums = tape.sums.data(),
           .kept = tape.kept.data(),
           .cell = tape.state.data(),
           .output = tape.output.data()};
}

void SmallLstm::forward(InputFeed& inputs) const {
  // All steps whose inputs have come, at once.
  for (size_t t = 0; t < slice_.steps();) {
    const size_t end = inputs.bring_for(t);
    small_lstm_forward(walk_, t, end);
    t = end;
  }
}

void SmallLstm::backward(MatrixView weights_gradient, const RecurrentGradients& gradients) const {
  const size_t rows = slice_.sequences.size();
  const FloatVector transposed_weights =
      alike(transposed(*draw_.recurrent->shared_weights()).values(), units_, side_);
  Matrix initial_output_gradient(initial_output_.rows(), initial_output_.cols());
  // A row is first touched at its sequence's last step: until then it holds what comes from beyond.
  Matrix cell_gradient = slice_rows(gradients.final_state, slice_);
  if (cell_gradient.empty()) cell_gradient = Matrix(rows, units_);
  FloatVector bias_gradient(bias_.size(), 0.0f), z_gates_gradient(z_gates_.size(), 0.0f);
  Matrix z_units_gradient(rows, units_);
  small_lstm_backward(walk_,
                      {.transposed = transposed_weights.data(),
                       .output_gradient = gradients.output.data,
                       .initial_output_gradient =
                           initial_output_.empty() ? nullptr : initial_output_gradient.data(),
                       .cell_gradient = cell_gradient.data(),
                       .weights_gradient = weights_gradient.data,
                       .bias_gradient = bias_gradient.data(),
                       .z_gates_gradient = z_gates_gradient.data(),
                       .z_units_gradient = z_units_gradient.data()});

  // The bias is the same for all rows of a group: theirs add up.
  for_each_gate(side_, units_, side_, [&](size_t, size_t column, size_t at) {
    for (size_t u = 0; u < units_; ++u) gradients.bias[column + u] += bias_gradient[at + u];
  });
  for_each_gate(rows, units_, side_, [&](size_t r, size_t column, size_t at) {
    float* to = gradients.z_gates.row(slice_.sequences[r]) + column;
    for (size_t u = 0; u < units_; ++u) to[u] += z_gates_gradient[at + u];
  });
  add_slice_rows(z_units_gradient, slice_, gradients.z_units);
  if (!initial_output_.empty()) {
    add_slice_rows(initial_output_gradient, slice_, gradients.initial_output);
  }
  if (!initial_cell_.empty()) add_slice_rows(cell_gradient, slice_, gradients.initial_state);
}

}  // namespace ockham
