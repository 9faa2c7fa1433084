#pragma once

#include <cstddef>

#include "ockham/nn/cell.hpp"
#include "ockham/tensor/matrix.hpp"

/// The element-wise part of one LSTM time step over the live rows of a slice. All widths are the
/// padded hidden width h (a multiple of 4); gates stand side by side in the order i, f, g, o.
/// gate() is the GateFunction (cell.hpp), gate'() its slope.
namespace ockham {

struct LstmGatesForward {
  GateFunction gate_function = GateFunction::sigmoid;
  const float* bias = nullptr;  ///< [4h]
  ConstMatrixView z_gates;      ///< [rows, 4h]
  ConstMatrixView z_units;      ///< [rows, h]
  ConstMatrixView sums;         ///< s [rows, 4h]
  ConstMatrixView cell_before;  ///< c_{t-1} [rows, h]; data null at the first step
  MatrixView cell;              ///< out: c [rows, h]
  MatrixView output;            ///< out: y [rows, h]
};

/// a = z s + b;  i, f, o = gate(a), g = tanh(a);  c = f c_{t-1} + i g;  y = z_h o tanh c
void lstm_gates_forward(const LstmGatesForward& step);

struct LstmGatesBackward {
  GateFunction gate_function = GateFunction::sigmoid;
  const float* bias = nullptr;  ///< as in the forward step, and so are the next three
  ConstMatrixView z_gates;
  ConstMatrixView z_units;
  ConstMatrixView cell_before;
  ConstMatrixView cell;  ///< c, whose tanh is taken again: reading and writing it took longer
  ConstMatrixView output_gradient;  ///< dL/dy [rows, h]
  MatrixView sums;                  ///< in: s, out: ds = dL/ds [rows, 4h]
  MatrixView cell_gradient;         ///< in: dc carried from step t+1, out: dc_{t-1} [rows, h]
  float* bias_gradient = nullptr;   ///< += [4h]
  MatrixView z_gates_gradient;      ///< += [rows, 4h]
  MatrixView z_units_gradient;      ///< += [rows, h]
  size_t rows_before =
      0;  ///< of step t-1, which stand in front of these in their matrices; 0: none
};

/// dh = z_h dy;  dz_h += h dy;  dc += dh o (1 - tanh^2 c)
/// d_i = dc g gate'(a_i);  d_f = dc c_{t-1} gate'(a_f);  d_g = dc i (1-g^2)
/// d_o = dh tanh(c) gate'(a_o), where the slopes follow from the gates' values,
/// which are taken again from s
/// db += d;  dz += d s;  ds = z d;  dc_{t-1} = dc f
void lstm_gates_backward(const LstmGatesBackward& step);

}  // namespace ockham
