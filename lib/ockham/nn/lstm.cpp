#include "ockham/nn/lstm.hpp"

#include <algorithm>
#include <vector>

#include "ockham/nn/lstm_gates.hpp"

namespace ockham {
namespace {

/// Rows of step t in a packed matrix.
template <typename M>
auto step_rows(M& packed, const Slice& slice, size_t t) {
  return packed.view().row_range(slice.step_begin[t], slice.live(t));
}

/// The rows of step t - 1 whose sequences live on at step t; no rows at the first step.
ConstMatrixView rows_before(const Matrix& packed, const Slice& slice, size_t t) {
  if (t == 0) return {};
  return packed.view().row_range(slice.step_begin[t - 1], slice.live(t));
}

std::span<const uint32_t> live_sequences(const Slice& slice, size_t t) {
  return std::span(slice.sequences).first(slice.live(t));
}

/// y_{t-1} of all steps but the first, packed like the steps themselves.
Matrix outputs_before(const LstmTape& tape, const Slice& slice) {
  const size_t skipped = slice.live(0);
  Matrix before(slice.rows() - skipped, tape.output.cols());
  for (size_t t = 1; t < slice.steps(); ++t) {
    const ConstMatrixView from = rows_before(tape.output, slice, t);
    std::copy_n(from.data, from.rows * from.cols,
                before.row(slice.step_begin[t] - slice.first_row() - skipped));
  }
  return before;
}

std::vector<uint32_t> sequences_after_first_step(const Slice& slice) {
  std::vector<uint32_t> sequences;
  sequences.reserve(slice.rows() - slice.live(0));
  for (size_t t = 1; t < slice.steps(); ++t) {
    const auto live = live_sequences(slice, t);
    sequences.insert(sequences.end(), live.begin(), live.end());
  }
  return sequences;
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
  for (size_t t = 0; t < slice.steps(); ++t) {
    const auto sequences = live_sequences(slice, t);
    const MatrixView sums = step_rows(tape.sums, slice, t);
    if (t > 0) {
      draw.recurrent->multiply(rows_before(tape.output, slice, t), sequences, sums,
                               Accumulate::yes);
    }
    lstm_gates_forward({.sequences = sequences,
                        .bias = draw.bias.data,
                        .z_gates = draw.z_gates,
                        .z_units = draw.z_units,
                        .sums = sums,
                        .cell_before = rows_before(tape.cell, slice, t),
                        .gates = step_rows(tape.gates, slice, t),
                        .cell = step_rows(tape.cell, slice, t),
                        .tanh_cell = step_rows(tape.tanh_cell, slice, t),
                        .output = step_rows(tape.output, slice, t)});
  }
}

void lstm_backward(const LstmDraw& draw, Product& recurrent, size_t slice_number,
                   const Slice& slice, LstmTape& tape, const LstmGradients& gradients) {
  if (slice.rows() == 0) return;
  Matrix cell_gradient(slice.sequences.size(), tape.cell.cols());
  for (size_t t = slice.steps(); t-- > 0;) {
    const auto sequences = live_sequences(slice, t);
    const MatrixView sums = step_rows(tape.sums, slice, t);
    lstm_gates_backward(
        {.sequences = sequences,
         .z_gates = draw.z_gates,
         .z_units = draw.z_units,
         .gates = step_rows(tape.gates, slice, t),
         .cell_before = rows_before(tape.cell, slice, t),
         .tanh_cell = step_rows(tape.tanh_cell, slice, t),
         .output_gradient = gradients.output.row_range(slice.step_begin[t], slice.live(t)),
         .sums = sums,
         .cell_gradient = cell_gradient.view().row_range(0, slice.live(t)),
         .bias_gradient = gradients.bias,
         .z_gates_gradient = gradients.z_gates,
         .z_units_gradient = gradients.z_units});
    if (t > 0) {
      recurrent.multiply_transposed(
          rows_before(tape.output, slice, t), sums, sequences,
          gradients.output.row_range(slice.step_begin[t - 1], slice.live(t)), Accumulate::yes);
    }
  }
  const Matrix before = outputs_before(tape, slice);
  const size_t first = slice.first_row() + slice.live(0);
  recurrent.add_gradient(slice_number, before, tape.sums.view().row_range(first, before.rows()),
                         sequences_after_first_step(slice));
}

}  // namespace ockham
