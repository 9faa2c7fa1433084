#include <algorithm>
#include <cmath>

#include "ockham/deploy/lstm_lanes.hpp"
#include "ockham/nn/lstm.hpp"

namespace ockham {
namespace {

/// Column k * hidden + j of the training's order becomes column 4 j + k.
size_t unit_major(size_t column, size_t hidden) {
  return column % hidden * kLstmGates + column / hidden;
}

/// E W^x + b, skipping the zeros of E, most of a pruned one.
Matrix input_table(const FoldedDirection& direction, const Matrix& embedding) {
  const size_t hidden = direction.hidden();
  Matrix table(embedding.rows(), kLstmGates * hidden);
  for (size_t w = 0; w < table.rows(); ++w) {
    float* row = table.row(w);
    for (size_t c = 0; c < table.cols(); ++c) row[unit_major(c, hidden)] = direction.bias(0, c);
    for (size_t e = 0; e < embedding.cols(); ++e) {
      const float x = embedding(w, e);
      if (x == 0.0f) continue;
      const float* weights = direction.weight_ih.row(e);
      for (size_t c = 0; c < table.cols(); ++c) row[unit_major(c, hidden)] += x * weights[c];
    }
  }
  return table;
}

bool is_zero_column(const Matrix& m, size_t c) {
  for (size_t r = 0; r < m.rows(); ++r) {
    if (m(r, c) != 0.0f) return false;
  }
  return true;
}

}  // namespace

LaneLstm::LaneLstm(const FoldedDirection& direction, const Matrix& embedding, bool reverse_in)
    : hidden(direction.hidden()),
      reverse(reverse_in),
      table(input_table(direction, embedding)),
      begin{0} {
  for (size_t j = 0; j < hidden; ++j) {
    for (size_t k = 0; k < kLstmGates; ++k) {
      const size_t c = k * hidden + j;
      for (uint32_t from = 0; from < hidden; ++from) {
        const float weight = direction.weight_hh(from, c);
        if (weight != 0.0f) weights.push_back({from, weight});
      }
      is_constant.push_back(begin.back() == weights.size() &&
                            is_zero_column(direction.weight_ih, c));
      begin.push_back(static_cast<uint32_t>(weights.size()));
      const float b = direction.bias(0, c);
      constant.push_back(k == kCandidateGate ? std::tanh(b) : 1.0f / (1.0f + std::exp(-b)));
    }
  }
}

}  // namespace ockham
