#include "ockham/nn/recurrent.hpp"

#include "ockham/nn/gru.hpp"
#include "ockham/nn/lstm.hpp"
#include "ockham/nn/small_lstm_kernels.hpp"

namespace ockham {

RecurrentTape::RecurrentTape(Cell cell, size_t rows, size_t hidden) {
  const size_t columns = gates_of(cell) * hidden;
  sums.reshape(rows, columns);
  state.reshape(rows, hidden);
  output.reshape(rows, hidden);
  if (cell == Cell::lstm && small_lstm_side(hidden) > 0) kept.reshape(rows, 5 * hidden);
  if (cell == Cell::gru) recurrent.reshape(rows, columns);
}

void recurrent_forward(const RecurrentDraw& draw, const Slice& slice, RecurrentTape& tape) {
  const auto forward = draw.cell == Cell::lstm ? lstm_forward : gru_forward;
  forward(draw, slice, tape);
}

void recurrent_backward(const RecurrentDraw& draw, Product& recurrent, size_t slice_number,
                        const Slice& slice, RecurrentTape& tape,
                        const RecurrentGradients& gradients) {
  const auto backward = draw.cell == Cell::lstm ? lstm_backward : gru_backward;
  backward(draw, recurrent, slice_number, slice, tape, gradients);
}

}  // namespace ockham
