#pragma once

#include "ockham/nn/recurrent.hpp"

namespace ockham {

/// The GRU (Cho et al. 2014) with the reset gate after the recurrent product, as in cuDNN and
/// PyTorch; gates r, u (PyTorch's z), n; gate() is the network's GateFunction (cell.hpp). Takes a
/// slice through all time steps:
///     r, u = gate(z_k (x~ W_k^x + y_{t-1} W_k^h) + b_k);   q = y_{t-1} W_n^h + b_hn
///     n = tanh(z_n (x~ W_n^x + r q) + b_n);   h = (1 - u) n + u h_{t-1};   y = z_h h
/// h is carried unscaled, or z_h would compound over time; everybody reads y. b_hn stands inside
/// z_n: a gate whose multiplier is 0 is a constant.
void gru_forward(const RecurrentDraw& draw, const Slice& slice, RecurrentTape& tape);

/// Back through time; the element-wise equations stand in gru_gates.hpp. Besides, with
/// g = [ds_r, ds_u, dq]:
///     dy_{t-1} += g (W^h)^T;   dW^h += y_{t-1}^T g, one product over all steps
void gru_backward(const RecurrentDraw& draw, Product& recurrent, size_t slice_number,
                  const Slice& slice, RecurrentTape& tape, const RecurrentGradients& gradients);

}  // namespace ockham
