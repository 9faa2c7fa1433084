#include "ockham/nn/lstm.hpp"

#include "ockham/nn/lstm_gates.hpp"
#include "ockham/nn/packed_steps.hpp"
#include "ockham/nn/small_lstm.hpp"

namespace ockham {

void lstm_forward(const RecurrentDraw& draw, const Slice& slice, RecurrentTape& tape) {
  InputFeed inputs(draw, slice, tape.sums.cols());
  if (SmallLstm::takes(draw, tape)) return SmallLstm(draw, slice, tape).forward(inputs);
  const Matrix initial_output = slice_rows(draw.initial_output, slice);
  const Matrix initial_cell = slice_rows(draw.initial_state, slice);
  const Matrix z_gates = slice_rows(draw.z_gates, slice), z_units = slice_rows(draw.z_units, slice);
  for (size_t t = 0; t < slice.steps(); ++t) {
    inputs.need(t);
    const auto sequences = live_sequences(slice, t);
    const MatrixView sums = step_rows(tape.sums, slice, t);
    if (t >= first_recurrent_step(draw)) {
      draw.recurrent->multiply(rows_before(tape.output, initial_output, slice, t), sequences, sums,
                               Accumulate::yes);
    }
    lstm_gates_forward({.gate_function = draw.gate_function,
                        .bias = draw.bias.data,
                        .z_gates = z_gates,
                        .z_units = z_units,
                        .sums = sums,
                        .cell_before = rows_before(tape.state, initial_cell, slice, t),
                        .cell = step_rows(tape.state, slice, t),
                        .output = step_rows(tape.output, slice, t)});
  }
}

void lstm_backward(const RecurrentDraw& draw, Product& recurrent, size_t slice_number,
                   const Slice& slice, RecurrentTape& tape, const RecurrentGradients& gradients) {
  if (SmallLstm::takes(draw, tape)) {
    SmallLstm(draw, slice, tape).backward(recurrent.shared_gradient(slice_number), gradients);
    return;
  }
  const Matrix initial_output = slice_rows(draw.initial_output, slice);
  const Matrix initial_cell = slice_rows(draw.initial_state, slice);
  SliceMultipliers multipliers(draw, slice);
  Matrix initial_gradient(initial_output.rows(), initial_output.cols());
  // A row is first touched at its sequence's last step: until then it holds what comes from beyond.
  Matrix cell_gradient = slice_rows(gradients.final_state, slice);
  if (cell_gradient.empty()) cell_gradient = Matrix(slice.sequences.size(), tape.state.cols());
  for (size_t t = slice.steps(); t-- > 0;) {
    const auto sequences = live_sequences(slice, t);
    const MatrixView sums = step_rows(tape.sums, slice, t);
    lstm_gates_backward(
        {.gate_function = draw.gate_function,
         .bias = draw.bias.data,
         .z_gates = multipliers.z_gates,
         .z_units = multipliers.z_units,
         .cell_before = rows_before(tape.state, initial_cell, slice, t),
         .cell = step_rows(tape.state, slice, t),
         .output_gradient = gradients.output.row_range(slice.step_begin[t], slice.live(t)),
         .sums = sums,
         .cell_gradient = cell_gradient.view().row_range(0, slice.live(t)),
         .bias_gradient = gradients.bias,
         .z_gates_gradient = multipliers.z_gates_gradient,
         .z_units_gradient = multipliers.z_units_gradient,
         .rows_before = t > 0 ? slice.live(t - 1) : 0});
    if (t >= first_recurrent_step(draw)) {
      const MatrixView before =
          t > 0 ? gradients.output.row_range(slice.step_begin[t - 1], slice.live(t))
                : initial_gradient.view().row_range(0, slice.live(0));
      recurrent.multiply_transposed(rows_before(tape.output, initial_output, slice, t), sums,
                                    sequences, before, Accumulate::yes);
    }
  }
  add_recurrent_gradient(draw, recurrent, slice_number, slice, initial_output, tape.output,
                         tape.sums);
  multipliers.add_gradients(slice, gradients);
  if (draw.initial_output.data != nullptr) {
    add_slice_rows(initial_gradient, slice, gradients.initial_output);
  }
  if (draw.initial_state.data != nullptr) {
    add_slice_rows(cell_gradient, slice, gradients.initial_state);
  }
}

}  // namespace ockham
