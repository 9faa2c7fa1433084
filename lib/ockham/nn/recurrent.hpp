#pragma once

#include <cstddef>
#include <functional>

#include "ockham/bayes/product.hpp"
#include "ockham/nn/cell.hpp"
#include "ockham/nn/packed_batch.hpp"
#include "ockham/tensor/matrix.hpp"

/// One direction of a recurrent layer over packed rows (packed_batch.hpp), whatever its cell; the
/// equations stand in lstm.hpp and gru.hpp. g is the cell's number of gates, h the padded hidden
/// width, BlockedColumns::stride of the layer's gates.
namespace ockham {

/// What a direction needs for a mini-batch: its recurrent weights and multipliers as they were
/// drawn.
struct RecurrentDraw {
  Cell cell = Cell::lstm;
  const Product* recurrent = nullptr;   ///< W^h [h, g h]
  ConstMatrixView bias;                 ///< b [1, g h]
  ConstMatrixView recurrent_bias = {};  ///< GRU: b_hn [1, h]
  ConstMatrixView z_gates;              ///< [sequences, g h], 1 where there is no multiplier
  ConstMatrixView z_units;              ///< [sequences, h]
  /// y_0 and the carried state (LSTM: c_0, GRU: h_0) [sequences, h]; data null: zeros.
  ConstMatrixView initial_output = {};
  ConstMatrixView initial_state = {};
  GateFunction gate_function = GateFunction::sigmoid;
  /// Writes the inputs' share of `sums`, x~ W^x, to packed rows [first, first + count), before
  /// these rows' steps; null: it stands there already.
  std::function<void(size_t first, size_t count)> bring_inputs = nullptr;
};

/// What a direction keeps for the backward pass. Packed rows of all slices; different slices may be
/// worked on by different threads. The gates' values, as many numbers as the sums, are taken again
/// from these: to write and read them took longer (a step at the papers' size: 112 ms in place of
/// 106, two threads), but for few units, where they stand in `kept`.
struct RecurrentTape {
  RecurrentTape(Cell cell, size_t rows, size_t hidden);

  /// x~ W^x on entry to forward, then s (of LSTMs of few units in an order of its own:
  /// small_lstm_kernels.hpp); after backward ds = dL/ds [rows, g h]
  Matrix sums;
  Matrix recurrent;  ///< GRU: y_{t-1} W^h, then q; after backward the gradient by it [rows, g h]
  Matrix state;      ///< what is carried, LSTM: c, GRU: h [rows, h]
  Matrix kept;       ///< LSTMs of few units: what small_lstm_kernels.hpp keeps [rows, 5 h]
  Matrix output;     ///< y [rows, h], what the recurrence and everybody else reads
};

/// Where backward leaves its gradients; rows of different slices do not overlap, and the biases are
/// the slice's own sums.
struct RecurrentGradients {
  MatrixView output;                ///< in: dL/dy from the layers above [rows, h]; overwritten
  float* bias = nullptr;            ///< += [g h]
  float* recurrent_bias = nullptr;  ///< GRU: += [h]
  MatrixView z_gates;               ///< += [sequences, g h]
  MatrixView z_units;               ///< += [sequences, h]
  /// in: the gradient by the state after each sequence's last step from whoever reads it
  /// [sequences, h]; data null: zeros. The gradient by the last output is part of `output`.
  ConstMatrixView final_state = {};
  /// By y_0 and the initial state [sequences, h], added to; only where the draw has initial states.
  MatrixView initial_output = {};
  MatrixView initial_state = {};
};

/// Takes a slice through all time steps.
void recurrent_forward(const RecurrentDraw& draw, const Slice& slice, RecurrentTape& tape);

/// Back through time. dW^h goes to `recurrent`, the draw's own, as part of the slice's sum.
void recurrent_backward(const RecurrentDraw& draw, Product& recurrent, size_t slice_number,
                        const Slice& slice, RecurrentTape& tape,
                        const RecurrentGradients& gradients);

}  // namespace ockham
