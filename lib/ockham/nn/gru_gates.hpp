#pragma once

#include <cstddef>

#include "ockham/nn/cell.hpp"
#include "ockham/tensor/matrix.hpp"

/// The element-wise part of one GRU time step over the live rows of a slice. All widths are the
/// padded hidden width h (a multiple of 4); gates stand side by side in the order r, u, n.
/// gate() is the GateFunction (cell.hpp), gate'() its slope.
namespace ockham {

struct GruGatesForward {
  GateFunction gate_function = GateFunction::sigmoid;
  const float* bias = nullptr;            ///< [3h]
  const float* recurrent_bias = nullptr;  ///< b_hn [h]
  ConstMatrixView z_gates;                ///< [rows, 3h]
  ConstMatrixView z_units;                ///< [rows, h]
  MatrixView sums;                        ///< in: x~ W^x, out: s [rows, 3h]
  MatrixView recurrent;                   ///< in: y_{t-1} W^h, out: q in its n columns [rows, 3h]
  ConstMatrixView state_before;           ///< h_{t-1} [rows, h]; data null at the first step
  MatrixView state;                       ///< out: h [rows, h]
  MatrixView output;                      ///< out: y [rows, h]
};

/// s_k = x~ W_k^x + y_{t-1} W_k^h for r and u;  q = y_{t-1} W_n^h + b_hn;  s_n = x~ W_n^x + r q
/// a = z s + b;  r, u = gate(a), n = tanh(a);  h = n + u (h_{t-1} - n);  y = z_h h
void gru_gates_forward(const GruGatesForward& step);

struct GruGatesBackward {
  GateFunction gate_function = GateFunction::sigmoid;
  const float* bias = nullptr;  ///< as in the forward step, and so are the next three
  ConstMatrixView z_gates;
  ConstMatrixView z_units;
  ConstMatrixView state_before;
  ConstMatrixView state;
  ConstMatrixView output_gradient;           ///< dL/dy [rows, h]
  MatrixView sums;                           ///< in: s, out: ds = dL/ds [rows, 3h]
  MatrixView recurrent;                      ///< in: q, out: [ds_r, ds_u, dq] [rows, 3h]
  MatrixView state_gradient;                 ///< in: dh carried from step t+1, out: dh_{t-1}
  float* bias_gradient = nullptr;            ///< += [3h]
  float* recurrent_bias_gradient = nullptr;  ///< += [h]
  MatrixView z_gates_gradient;               ///< += [rows, 3h]
  MatrixView z_units_gradient;               ///< += [rows, h]
  size_t rows_before =
      0;  ///< of step t-1, which stand in front of these in their matrices; 0: none
};

/// dh = z_h dy + carried;  dz_h += h dy;  carried = dh u
/// d_n = dh (1-u) (1-n^2);  d_u = dh (h_{t-1} - n) gate'(a_u);  d_r = z_n d_n q gate'(a_r), where
/// the slopes follow from the gates' values, which are taken again from s
/// db += d;  dz += d s;  ds = z d;  dq = ds_n r;  db_hn += dq
void gru_gates_backward(const GruGatesBackward& step);

}  // namespace ockham
