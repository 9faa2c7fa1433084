#pragma once

#include "ockham/nn/recurrent.hpp"

namespace ockham {

/// The LSTM (Hochreiter & Schmidhuber 1997; with forget gates, Gers et al. 2000), gates i, f, g, o;
/// gate() is the network's GateFunction (cell.hpp). Takes a slice through all time steps:
///     s = x~ W^x + y_{t-1} W^h;   a = z s + b;   i, f, o = gate(a), g = tanh(a)
///     c = f c_{t-1} + i g;   h = o tanh c;   y = z_h h
void lstm_forward(const RecurrentDraw& draw, const Slice& slice, RecurrentTape& tape);

/// Back through time; the element-wise equations stand in lstm_gates.hpp. Besides:
///     dy_{t-1} += ds (W^h)^T;   dW^h += y_{t-1}^T ds, one product over all steps
/// LSTMs of few units go another way to the same: small_lstm_kernels.hpp.
void lstm_backward(const RecurrentDraw& draw, Product& recurrent, size_t slice_number,
                   const Slice& slice, RecurrentTape& tape, const RecurrentGradients& gradients);

}  // namespace ockham
