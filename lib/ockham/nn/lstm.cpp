#include "ockham/nn/lstm.hpp"

#include <algorithm>
#include <vector>

#include "ockham/nn/lstm_gates.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// Rows of step t in a packed matrix.
template <typename M>
auto step_rows(M& packed, const Slice& slice, size_t t) {
  return packed.view().row_range(slice.step_begin[t], slice.live(t));
}

/// The rows of step t - 1 whose sequences live on at step t; at the first step the initial state.
ConstMatrixView rows_before(const Matrix& packed, const Matrix& initial, const Slice& slice,
                            size_t t) {
  if (t > 0) return packed.view().row_range(slice.step_begin[t - 1], slice.live(t));
  if (initial.empty()) return {};
  return initial.view().row_range(0, slice.live(0));
}

std::span<const uint32_t> live_sequences(const Slice& slice, size_t t) {
  return std::span(slice.sequences).first(slice.live(t));
}

/// The states of the slice's sequences in its order; empty where there are none.
Matrix slice_rows(ConstMatrixView states, const Slice& slice) {
  if (states.data == nullptr) return {};
  Matrix rows(slice.sequences.size(), states.cols);
  gather_rows(states, slice.sequences, {}, rows);
  return rows;
}

void add_initial_gradient(ConstMatrixView gradient, const Slice& slice, MatrixView to) {
  for (size_t r = 0; r < gradient.rows; ++r) {
    add_scaled(1.0f, gradient.row_span(r), to.row_span(slice.sequences[r]));
  }
}

/// The steps that have something before them: all, or all but the first.
size_t first_recurrent_step(const LstmDraw& draw) {
  return draw.initial_output.data == nullptr ? 1 : 0;
}

/// dW^h of all recurrent steps in one product: y_{t-1} packed like the steps themselves.
void add_recurrent_gradient(const LstmDraw& draw, Product& recurrent, size_t slice_number,
                            const Slice& slice, const Matrix& initial, const LstmTape& tape) {
  const size_t first_step = first_recurrent_step(draw);
  if (first_step >= slice.steps()) return;
  const size_t first_row = slice.step_begin[first_step];
  Matrix before(slice.step_begin.back() - first_row, tape.output.cols());
  std::vector<uint32_t> sequences;
  sequences.reserve(before.rows());
  for (size_t t = first_step; t < slice.steps(); ++t) {
    const ConstMatrixView from = rows_before(tape.output, initial, slice, t);
    std::copy_n(from.data, from.rows * from.cols, before.row(slice.step_begin[t] - first_row));
    const auto live = live_sequences(slice, t);
    sequences.insert(sequences.end(), live.begin(), live.end());
  }
  recurrent.add_gradient(slice_number, before, tape.sums.view().row_range(first_row, before.rows()),
                         sequences);
}

}  // namespace

LstmTape::LstmTape(size_t rows, size_t hidden) {
  sums.reshape(rows, kLstmGates * hidden);
  gates.reshape(rows, kLstmGates * hidden);
  cell.reshape(rows, hidden);
  tanh_cell.reshape(rows, hidden);
  output.reshape(rows, hidden);
}

void lstm_forward(const LstmDraw& draw, const Slice& slice, LstmTape& tape) {
  const Matrix initial_output = slice_rows(draw.initial_output, slice);
  const Matrix initial_cell = slice_rows(draw.initial_cell, slice);
  for (size_t t = 0; t < slice.steps(); ++t) {
    const auto sequences = live_sequences(slice, t);
    const MatrixView sums = step_rows(tape.sums, slice, t);
    if (t >= first_recurrent_step(draw)) {
      draw.recurrent->multiply(rows_before(tape.output, initial_output, slice, t), sequences, sums,
                               Accumulate::yes);
    }
    lstm_gates_forward({.sequences = sequences,
                        .bias = draw.bias.data,
                        .z_gates = draw.z_gates,
                        .z_units = draw.z_units,
                        .sums = sums,
                        .cell_before = rows_before(tape.cell, initial_cell, slice, t),
                        .gates = step_rows(tape.gates, slice, t),
                        .cell = step_rows(tape.cell, slice, t),
                        .tanh_cell = step_rows(tape.tanh_cell, slice, t),
                        .output = step_rows(tape.output, slice, t)});
  }
}

void lstm_backward(const LstmDraw& draw, Product& recurrent, size_t slice_number,
                   const Slice& slice, LstmTape& tape, const LstmGradients& gradients) {
  const Matrix initial_output = slice_rows(draw.initial_output, slice);
  const Matrix initial_cell = slice_rows(draw.initial_cell, slice);
  Matrix initial_gradient(initial_output.rows(), initial_output.cols());
  // A row is first touched at its sequence's last step: until then it holds what comes from beyond.
  Matrix cell_gradient = slice_rows(gradients.final_cell, slice);
  if (cell_gradient.empty()) cell_gradient = Matrix(slice.sequences.size(), tape.cell.cols());
  for (size_t t = slice.steps(); t-- > 0;) {
    const auto sequences = live_sequences(slice, t);
    const MatrixView sums = step_rows(tape.sums, slice, t);
    lstm_gates_backward(
        {.sequences = sequences,
         .z_gates = draw.z_gates,
         .z_units = draw.z_units,
         .gates = step_rows(tape.gates, slice, t),
         .cell_before = rows_before(tape.cell, initial_cell, slice, t),
         .tanh_cell = step_rows(tape.tanh_cell, slice, t),
         .output_gradient = gradients.output.row_range(slice.step_begin[t], slice.live(t)),
         .sums = sums,
         .cell_gradient = cell_gradient.view().row_range(0, slice.live(t)),
         .bias_gradient = gradients.bias,
         .z_gates_gradient = gradients.z_gates,
         .z_units_gradient = gradients.z_units});
    if (t >= first_recurrent_step(draw)) {
      const MatrixView before =
          t > 0 ? gradients.output.row_range(slice.step_begin[t - 1], slice.live(t))
                : initial_gradient.view().row_range(0, slice.live(0));
      recurrent.multiply_transposed(rows_before(tape.output, initial_output, slice, t), sums,
                                    sequences, before, Accumulate::yes);
    }
  }
  add_recurrent_gradient(draw, recurrent, slice_number, slice, initial_output, tape);
  if (draw.initial_output.data != nullptr) {
    add_initial_gradient(initial_gradient, slice, gradients.initial_output);
  }
  if (draw.initial_cell.data != nullptr) {
    add_initial_gradient(cell_gradient, slice, gradients.initial_cell);
  }
}

}  // namespace ockham
