#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ockham/nn/cell.hpp"

/// The time steps of LSTMs of 4 or 8 (padded) units h, for one slice (packed_batch.hpp). A call for
/// each product and for the gates of a step took longer than what they do: here all steps are one
/// loop. A row of four units takes 15 ns forward and 13 back in place of 22 and 35, all of its
/// slice in the second cache (Zen 3). The equations are lstm.hpp's and lstm_gates.hpp's.
///
/// Rows are taken in groups of small_lstm_side(h), side by side in one vector of L = h * side
/// floats, and what belongs to a group comes gate by gate: [4][L], each the gate's h numbers of the
/// first row, then of the second. An incomplete group has the front of each L.
namespace ockham {

/// What is read and written on the way. `sums` after forward and `kept` are gate by gate, for the
/// groups of each step; x~ W^x and ds are row by row.
struct SmallLstmWalk {
  GateFunction gate_function = GateFunction::sigmoid;
  size_t units = 0;                       ///< h
  std::span<const uint32_t> step_begin;   ///< the slice's [steps + 1]
  const float* weights = nullptr;         ///< W^h [h][4][L], for all rows of a group alike
  const float* bias = nullptr;            ///< [4][L]
  const float* z_gates = nullptr;         ///< [groups][4][L]
  const float* z_units = nullptr;         ///< [rows][h]
  const float* initial_output = nullptr;  ///< y_0 [rows][h]; null: zeros
  const float* initial_cell = nullptr;    ///< c_0 [rows][h]; null: zeros
  // Packed rows of the whole mini-batch.
  float* sums = nullptr;    ///< [][4 h] in: x~ W^x, after forward: s, after backward: ds = dL/ds
  float* kept = nullptr;    ///< [][5 h] i, f, g, o and tanh c, which backward reads
  float* cell = nullptr;    ///< [][h] c
  float* output = nullptr;  ///< [][h] y
};

/// What besides is read and added to on the way back.
struct SmallLstmBack {
  const float* transposed = nullptr;         ///< (W^h)^T [4 h][L], for all rows of a group alike
  float* output_gradient = nullptr;          ///< dL/dy, packed rows [][h]; += those before a step
  float* initial_output_gradient = nullptr;  ///< += [rows][h]; null: y_0 is zeros
  float* cell_gradient = nullptr;            ///< in: dL/dc of the last steps, out: of c_0 [rows][h]
  float* weights_gradient = nullptr;         ///< dL/dW^h += [h][4 h]
  float* bias_gradient = nullptr;            ///< += [4][L]
  float* z_gates_gradient = nullptr;         ///< += [groups][4][L]
  float* z_units_gradient = nullptr;         ///< += [rows][h]
};

/// How many rows this processor takes side by side; 0: LSTMs of so many units are none of these.
size_t small_lstm_side(size_t units);

/// Steps [first, end).
void small_lstm_forward(const SmallLstmWalk& walk, size_t first, size_t end);
/// All steps, back through time.
void small_lstm_backward(const SmallLstmWalk& walk, const SmallLstmBack& back);

}  // namespace ockham
