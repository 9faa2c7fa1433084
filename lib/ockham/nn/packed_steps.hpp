#pragma once

#include <cstdint>
#include <span>

#include "ockham/nn/recurrent.hpp"

/// What the cells' walks through time have in common.
namespace ockham {

/// Has the inputs of a slice's steps brought shortly before they are read, so that they need not be
/// read from memory: 168 ms in place of 173 for a step at the papers' size with bf16.
class InputFeed {
 public:
  InputFeed(const RecurrentDraw& draw, const Slice& slice, size_t columns);
  /// Before step t.
  void need(size_t t);
  /// The same; the first step from t on whose inputs have not come yet.
  size_t bring_for(size_t t);

 private:
  const RecurrentDraw& draw_;
  const Slice& slice_;
  size_t at_once_;  // rows
  size_t next_;     // row to be brought
};

/// Rows of step t in a packed matrix.
template <typename M>
auto step_rows(M& packed, const Slice& slice, size_t t) {
  return packed.view().row_range(slice.step_begin[t], slice.live(t));
}

/// The rows of step t - 1 whose sequences live on at step t; at the first step the initial state.
ConstMatrixView rows_before(const Matrix& packed, const Matrix& initial, const Slice& slice,
                            size_t t);

/// The sequences whose rows those of step t are.
std::span<const uint32_t> live_sequences(const Slice& slice, size_t t);

/// The states of the slice's sequences in its order; empty where there are none.
Matrix slice_rows(ConstMatrixView states, const Slice& slice);

/// The inverse: += to the sequences' rows.
void add_slice_rows(ConstMatrixView gradient, const Slice& slice, MatrixView to);

/// The multipliers of a slice's sequences and their gradients, in the slice's order. Sequences of
/// other slices are their neighbours in the mini-batch's: adding at each step to a cache line that
/// another thread adds to took 8% of a default training.
struct SliceMultipliers {
  SliceMultipliers(const RecurrentDraw& draw, const Slice& slice);
  void add_gradients(const Slice& slice, const RecurrentGradients& to) const;

  Matrix z_gates, z_units;
  Matrix z_gates_gradient, z_units_gradient;
};

/// The steps that have an output before them: all, or all but the first.
size_t first_recurrent_step(const RecurrentDraw& draw);

/// dW^h of all recurrent steps in one product: y_{t-1} packed like the steps themselves, and
/// `gradient`, dL/d(y_{t-1} W^h), packed too.
void add_recurrent_gradient(const RecurrentDraw& draw, Product& recurrent, size_t slice_number,
                            const Slice& slice, const Matrix& initial, const Matrix& output,
                            const Matrix& gradient);

}  // namespace ockham
