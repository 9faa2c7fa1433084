#include <cmath>

#include "ockham/deploy/recurrent_lanes.hpp"

namespace ockham {
namespace {

/// E W^x + b, skipping the zeros of E, most of a pruned one. Column k * hidden + j of the
/// training's order becomes column g j + k.
Matrix input_table(const FoldedDirection& direction, size_t gates, const Matrix& embedding) {
  const size_t hidden = direction.hidden();
  const auto unit_major = [&](size_t column) { return column % hidden * gates + column / hidden; };
  Matrix table(embedding.rows() + 1, gates * hidden);
  for (size_t w = 0; w < embedding.rows(); ++w) {
    float* row = table.row(w);
    for (size_t c = 0; c < table.cols(); ++c) row[unit_major(c)] = direction.bias(0, c);
    for (size_t e = 0; e < embedding.cols(); ++e) {
      const float x = embedding(w, e);
      if (x == 0.0f) continue;
      const float* weights = direction.weight_ih.row(e);
      for (size_t c = 0; c < table.cols(); ++c) row[unit_major(c)] += x * weights[c];
    }
  }
  return table;
}

/// W^h in the order in which the units' sums are made.
Matrix dense_recurrent(const Matrix& weight_hh, size_t gates) {
  const size_t hidden = weight_hh.rows();
  Matrix result(hidden, gates * hidden);
  for (size_t j = 0; j < hidden; ++j) {
    for (size_t i = 0; i < hidden; ++i) {
      for (size_t k = 0; k < gates; ++k) result(j, gates * i + k) = weight_hh(i, k * hidden + j);
    }
  }
  return result;
}

bool is_zero_column(const Matrix& m, size_t c) {
  for (size_t r = 0; r < m.rows(); ++r) {
    if (m(r, c) != 0.0f) return false;
  }
  return true;
}

// A kept weight takes two loads and a turn of a loop where only those are gone through, and one
// load and a quarter among all of them.
constexpr double kDenseShare = 0.4;

}  // namespace

void SparseColumns::add_column(const Matrix& m, size_t c) {
  for (uint32_t r = 0; r < m.rows(); ++r) {
    if (m(r, c) != 0.0f) weights.push_back({r, m(r, c)});
  }
  begin.push_back(static_cast<uint32_t>(weights.size()));
}

LaneDirection::LaneDirection(const FoldedDirection& direction, Cell cell_in, GateFunction function,
                             const DistinctRows* words, bool reverse_in)
    : cell(cell_in),
      gate_function(function),
      hidden(direction.hidden()),
      reverse(reverse_in),
      looks_up(words != nullptr),
      recurrent_bias(direction.recurrent_bias.values().begin(),
                     direction.recurrent_bias.values().end()) {
  const size_t gates = gates_of(cell);
  if (looks_up) {
    table = input_table(direction, gates, words->rows);
    row_of = words->row_of;
  }
  for (size_t j = 0; j < hidden; ++j) {
    for (size_t k = 0; k < gates; ++k) {
      const size_t c = k * hidden + j;
      const bool candidate = k == candidate_gate(cell);
      recurrent.add_column(direction.weight_hh, c);
      if (!looks_up) inputs.add_column(direction.weight_ih, c);
      float b = direction.bias(0, c);
      bias.push_back(b);
      bool steady =
          is_zero_column(direction.weight_hh, c) && is_zero_column(direction.weight_ih, c);
      if (cell == Cell::gru && candidate) {  // n = tanh(r b_hn + b_n)
        const size_t reset = gates * j;
        steady = steady && (recurrent_bias[j] == 0.0f || is_constant[reset]);
        if (steady && is_constant[reset]) b += constant[reset] * recurrent_bias[j];
      }
      is_constant.push_back(steady);
      constant.push_back(candidate ? std::tanh(b) : gate_value(gate_function, b));
    }
  }
  const auto weights = static_cast<double>(direction.weight_hh.size());
  if (static_cast<double>(recurrent.weights.size()) >= kDenseShare * weights) {
    dense_recurrent = ockham::dense_recurrent(direction.weight_hh, gates);
  }
}

void LaneOutputs::reshape(const LaneTexts& texts, size_t units) {
  width = units;
  size_t tokens = 0;
  for (size_t lane = 0; lane < kTextLanes; ++lane) {
    first[lane] = tokens;
    tokens += texts.lengths[lane];
  }
  values.resize(tokens * units);
}

}  // namespace ockham
