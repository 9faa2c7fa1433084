#include "ockham/nn/packed_steps.hpp"

#include <algorithm>
#include <vector>

#include "ockham/tensor/kernels.hpp"

namespace ockham {

InputFeed::InputFeed(const RecurrentDraw& draw, const Slice& slice, size_t columns)
    : draw_(draw), slice_(slice), next_(slice.first_row()) {
  constexpr size_t kNumbers = 65'536;  // a quarter of what the second cache holds
  at_once_ = std::max<size_t>(1, kNumbers / std::max<size_t>(1, columns));
}

void InputFeed::need(size_t t) {
  const size_t end = slice_.step_begin[t + 1];
  if (!draw_.bring_inputs || next_ >= end) return;
  const size_t count = std::min(std::max(at_once_, end - next_), slice_.step_begin.back() - next_);
  draw_.bring_inputs(next_, count);
  next_ += count;
}

size_t InputFeed::bring_for(size_t t) {
  if (!draw_.bring_inputs) return slice_.steps();
  need(t);
  const auto& begin = slice_.step_begin;
  return static_cast<size_t>(std::ranges::upper_bound(begin, next_) - begin.begin()) - 1;
}

ConstMatrixView rows_before(const Matrix& packed, const Matrix& initial, const Slice& slice,
                            size_t t) {
  if (t > 0) return packed.view().row_range(slice.step_begin[t - 1], slice.live(t));
  if (initial.empty()) return {};
  return initial.view().row_range(0, slice.live(0));
}

std::span<const uint32_t> live_sequences(const Slice& slice, size_t t) {
  return std::span(slice.sequences).first(slice.live(t));
}

Matrix slice_rows(ConstMatrixView states, const Slice& slice) {
  if (states.data == nullptr) return {};
  Matrix rows(slice.sequences.size(), states.cols);
  gather_rows(states, slice.sequences, {}, rows);
  return rows;
}

void add_slice_rows(ConstMatrixView gradient, const Slice& slice, MatrixView to) {
  for (size_t r = 0; r < gradient.rows; ++r) {
    add_scaled(1.0f, gradient.row_span(r), to.row_span(slice.sequences[r]));
  }
}

SliceMultipliers::SliceMultipliers(const RecurrentDraw& draw, const Slice& slice)
    : z_gates(slice_rows(draw.z_gates, slice)),
      z_units(slice_rows(draw.z_units, slice)),
      z_gates_gradient(z_gates.rows(), z_gates.cols()),
      z_units_gradient(z_units.rows(), z_units.cols()) {}

void SliceMultipliers::add_gradients(const Slice& slice, const RecurrentGradients& to) const {
  add_slice_rows(z_gates_gradient, slice, to.z_gates);
  add_slice_rows(z_units_gradient, slice, to.z_units);
}

size_t first_recurrent_step(const RecurrentDraw& draw) {
  return draw.initial_output.data == nullptr ? 1 : 0;
}

void add_recurrent_gradient(const RecurrentDraw& draw, Product& recurrent, size_t slice_number,
                            const Slice& slice, const Matrix& initial, const Matrix& output,
                            const Matrix& gradient) {
  const size_t first_step = first_recurrent_step(draw);
  if (first_step >= slice.steps()) return;
  const size_t first_row = slice.step_begin[first_step];
  Matrix before = Matrix::without_values(slice.step_begin.back() - first_row, output.cols());
  std::vector<uint32_t> sequences;
  sequences.reserve(before.rows());
  for (size_t t = first_step; t < slice.steps(); ++t) {
    const ConstMatrixView from = rows_before(output, initial, slice, t);
    std::copy_n(from.data, from.rows * from.cols, before.row(slice.step_begin[t] - first_row));
    const auto live = live_sequences(slice, t);
    sequences.insert(sequences.end(), live.begin(), live.end());
  }
  recurrent.add_gradient(slice_number, before, gradient.view().row_range(first_row, before.rows()),
                         sequences);
}

}  // namespace ockham
