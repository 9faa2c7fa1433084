#pragma once

#include "ockham/nn/packed_steps.hpp"
#include "ockham/nn/recurrent.hpp"
#include "ockham/nn/small_lstm_kernels.hpp"

namespace ockham {

/// A slice of an LSTM of so few units that its steps go through small_lstm_kernels.hpp, laid out
/// for them, in fp32: so small products are that whatever the precision. The draw, the slice and
/// the tape outlive it.
class SmallLstm {
 public:
  /// Whether there are kernels for so many units, and all rows share their recurrent weights.
  static bool takes(const RecurrentDraw& draw, const RecurrentTape& tape);

  SmallLstm(const RecurrentDraw& draw, const Slice& slice, RecurrentTape& tape);
  SmallLstm(const SmallLstm&) = delete;  // walk_ points into it
  SmallLstm& operator=(const SmallLstm&) = delete;

  void forward(InputFeed& inputs) const;
  /// `weights_gradient`: dW^h, added to.
  void backward(MatrixView weights_gradient, const RecurrentGradients& gradients) const;

 private:
  const RecurrentDraw& draw_;
  const Slice& slice_;
  size_t units_;  // padded
  size_t side_;   // rows of a group
  FloatVector weights_, bias_, z_gates_;
  Matrix z_units_, initial_output_, initial_cell_;
  SmallLstmWalk walk_;
};

}  // namespace ockham
