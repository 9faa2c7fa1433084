#pragma once

#include <cstdint>

#include "ockham/bayes/product.hpp"
#include "ockham/nn/packed_batch.hpp"
#include "ockham/tensor/matrix.hpp"

namespace ockham {

inline constexpr size_t kLstmGates = 4;      ///< i, f, g, o: PyTorch's order
inline constexpr size_t kCandidateGate = 2;  ///< g, the one that goes through tanh

/// What one direction of an LSTM layer (Hochreiter & Schmidhuber 1997; with forget gates, Gers et
/// al. 2000) needs for a mini-batch: its recurrent weights and multipliers as they were drawn.
/// Widths are padded: h is BlockedColumns::stride of the layer's gates.
struct LstmDraw {
  const Product* recurrent = nullptr;  ///< W^h [h, 4h]
  ConstMatrixView bias;                ///< [1, 4h]
  ConstMatrixView z_gates;             ///< [sequences, 4h], 1 where there is no multiplier
  ConstMatrixView z_units;             ///< [sequences, h]
  /// y_0 and c_0 [sequences, h]; data null: zeros.
  ConstMatrixView initial_output = {};
  ConstMatrixView initial_cell = {};
};

/// One direction's activations, kept for the backward pass. Packed rows (packed_batch.hpp) of all
/// slices; different slices may be worked on by different threads.
struct LstmTape {
  LstmTape(size_t rows, size_t hidden);

  Matrix sums;       ///< x~ W^x on entry to forward, then s; after backward ds = dL/ds [rows, 4h]
  Matrix gates;      ///< [rows, 4h]
  Matrix cell;       ///< [rows, h]
  Matrix tanh_cell;  ///< [rows, h]
  Matrix output;     ///< y [rows, h], what the recurrence and everybody else reads
};

/// Takes a slice through all time steps:
///     s = x~ W^x + y_{t-1} W^h;   a = z s + b;   i, f, o = sigm(a), g = tanh(a)
///     c = f c_{t-1} + i g;   h = o tanh c;   y = z_h h
void lstm_forward(const LstmDraw& draw, const Slice& slice, LstmTape& tape);

/// Where backward leaves its gradients; rows of different slices do not overlap, and `bias` is the
/// slice's own sum.
struct LstmGradients {
  MatrixView output;      ///< in: dL/dy from the layers above [rows, h]; overwritten
  float* bias = nullptr;  ///< += [4h]
  MatrixView z_gates;     ///< += [sequences, 4h]
  MatrixView z_units;     ///< += [sequences, h]
  /// in: dL/dc of each sequence's last step from whoever reads that state [sequences, h]; data
  /// null: zeros. The gradient by the last output is part of `output`.
  ConstMatrixView final_cell = {};
  /// dL/dy_0 and dL/dc_0 [sequences, h], added to; only where the draw has initial states.
  MatrixView initial_output = {};
  MatrixView initial_cell = {};
};

/// Back through time; the element-wise equations stand in lstm_gates.hpp. Besides:
///     dy_{t-1} += ds (W^h)^T;   dW^h += y_{t-1}^T ds, one product over all steps
void lstm_backward(const LstmDraw& draw, Product& recurrent, size_t slice_number,
                   const Slice& slice, LstmTape& tape, const LstmGradients& gradients);

}  // namespace ockham
