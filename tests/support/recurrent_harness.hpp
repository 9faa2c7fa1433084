#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "ockham/bayes/deterministic.hpp"
#include "ockham/bayes/product.hpp"
#include "ockham/nn/packed_batch.hpp"
#include "ockham/nn/recurrent.hpp"

namespace ockham {

/// One direction of a recurrent layer through the layers' own interface, with everything in plain
/// layouts: token rows in the order of the batch, gates side by side without padding.
struct RecurrentHarness {
  /// `recurrent_bias_in`: a GRU's b_hn [1, hidden].
  RecurrentHarness(Cell cell_in, const std::vector<uint32_t>& lengths, Matrix weight_hh,
                   Matrix bias_in, Matrix recurrent_bias_in, Matrix z_gates_in, Matrix z_units_in,
                   bool reverse, GateFunction function = GateFunction::sigmoid)
      : cell(cell_in),
        gate_function(function),
        hidden(weight_hh.rows()),
        gates(padded_blocks(gates_of(cell), hidden)),
        units(padded_blocks(1, hidden)),
        batch(make_batch(lengths)),
        packed(batch),
        direction(reverse ? 1 : 0),
        recurrent("weight_hh", 1, hidden, gates.narrow(), std::make_shared<Deterministic>(), 0.0f),
        tape(cell, batch.words.size(), gates.stride) {
    recurrent.mean = std::move(weight_hh);
    product = draw_product(recurrent, {gates, gates.stride, packed.slices.size(), true},
                           {batch.texts, {}}, nullptr);
    bias = widen(bias_in, gates, 1);
    if (cell == Cell::gru) recurrent_bias = widen(recurrent_bias_in, units, 1);
    z_gates = widen(z_gates_in, gates, batch.size());
    z_units = widen(z_units_in, units, batch.size());
  }

  /// y_0 and c_0 or h_0 [sequences, hidden]; without this call both are zero.
  void start_from(const Matrix& output, const Matrix& state) {
    initial_output = widen(output, units, batch.size());
    initial_state = widen(state, units, batch.size());
  }

  /// inputs x~ W^x [tokens, gates] -> outputs y [tokens, hidden]
  Matrix forward(const Matrix& inputs) {
    const Matrix wide = widen(inputs, gates, inputs.rows());
    for (size_t row = 0; row < wide.rows(); ++row) {
      std::copy_n(wide.row(packed.token_at[direction][row]), wide.cols(), tape.sums.row(row));
    }
    for (const Slice& slice : packed.slices) recurrent_forward(draw(), slice, tape);
    return in_batch_order(tape.output, units);
  }

  struct Gradients {
    Matrix inputs, weight_hh, bias, z_gates, z_units;
    Matrix initial_output, initial_state;  ///< zeros without start_from
    Matrix recurrent_bias;                 ///< of a GRU
  };

  /// dL/dy [tokens, hidden], the gradient by the last steps' states [sequences, hidden] or empty ->
  /// all gradients, in plain layouts
  Gradients backward(const Matrix& output_gradient, const Matrix& final_state_gradient = {}) {
    const Matrix wide = widen(output_gradient, units, output_gradient.rows());
    Matrix dy(wide.rows(), wide.cols());
    for (size_t row = 0; row < wide.rows(); ++row) {
      std::copy_n(wide.row(packed.token_at[direction][row]), wide.cols(), dy.row(row));
    }
    Matrix dbias(1, gates.wide()), dz_gates(batch.size(), gates.wide());
    Matrix drecurrent_bias(1, units.wide());
    Matrix dz_units(batch.size(), units.wide()), dfinal_state;
    Matrix dinitial_output(batch.size(), units.wide()), dinitial_state(batch.size(), units.wide());
    if (!final_state_gradient.empty()) {
      dfinal_state = widen(final_state_gradient, units, batch.size());
    }
    for (size_t i = 0; i < packed.slices.size(); ++i) {
      recurrent_backward(draw(), *product, i, packed.slices[i], tape,
                         {.output = dy,
                          .bias = dbias.data(),
                          .recurrent_bias = drecurrent_bias.data(),
                          .z_gates = dz_gates,
                          .z_units = dz_units,
                          .final_state = dfinal_state,
                          .initial_output = dinitial_output,
                          .initial_state = dinitial_state});
    }
    product->finish(recurrent);
    return {in_batch_order(tape.sums, gates), recurrent.mean_gradient,
            narrowed(dbias, gates),           narrowed(dz_gates, gates),
            narrowed(dz_units, units),        narrowed(dinitial_output, units),
            narrowed(dinitial_state, units),  narrowed(drecurrent_bias, units)};
  }

  /// The token at a direction's last step; the sequence is not empty.
  size_t last_token(size_t sequence) const {
    return direction == 1 ? batch.offsets[sequence] : batch.offsets[sequence + 1] - 1;
  }

  /// tape.output or tape.state after each sequence's last step [sequences, hidden]
  Matrix last_states(const Matrix& packed_rows) const {
    const Matrix states = in_batch_order(packed_rows, units);
    Matrix last(batch.size(), hidden);
    for (size_t b = 0; b < batch.size(); ++b) {
      std::copy_n(states.row(last_token(b)), hidden, last.row(b));
    }
    return last;
  }

  /// Rows [sequences, hidden] += into those of the last steps' tokens [tokens, hidden].
  void add_to_last_steps(const Matrix& rows, Matrix& tokens) const {
    for (size_t b = 0; b < batch.size(); ++b) {
      for (size_t j = 0; j < hidden; ++j) tokens(last_token(b), j) += rows(b, j);
    }
  }

  static TokenBatch make_batch(const std::vector<uint32_t>& lengths) {
    TokenBatch batch;
    for (uint32_t b = 0; b < lengths.size(); ++b) {
      batch.add(std::vector<uint32_t>(lengths[b], 0), b);
    }
    return batch;
  }

  RecurrentDraw draw() const {
    return {cell,    product.get(),  bias,          recurrent_bias, z_gates,
            z_units, initial_output, initial_state, gate_function};
  }

  static Matrix narrowed(const Matrix& wide, const BlockedColumns& columns) {
    Matrix narrow(wide.rows(), columns.narrow());
    add_narrowed(wide, columns, narrow);
    return narrow;
  }

  Matrix in_batch_order(const Matrix& packed_rows, const BlockedColumns& columns) const {
    const Matrix narrow = narrowed(packed_rows, columns);
    Matrix ordered(narrow.rows(), narrow.cols());
    for (size_t token = 0; token < narrow.rows(); ++token) {
      std::copy_n(narrow.row(packed.row_of[direction][token]), narrow.cols(), ordered.row(token));
    }
    return ordered;
  }

  Cell cell;
  GateFunction gate_function;
  size_t hidden;
  BlockedColumns gates, units;
  TokenBatch batch;
  PackedBatch packed;
  size_t direction;
  Parameter recurrent;
  std::unique_ptr<Product> product;
  RecurrentTape tape;
  Matrix bias, recurrent_bias, z_gates, z_units, initial_output, initial_state;
};

}  // namespace ockham
