#pragma once

#include <cstddef>
#include <string_view>

namespace ockham {

/// The kinds of recurrent layers. Gates stand side by side, in PyTorch's order: column
/// k * hidden + j is gate k of unit j.
enum class Cell {
  lstm,  ///< i, f, g, o (nn/lstm.hpp)
  gru,   ///< r, u, n (nn/gru.hpp)
};

constexpr size_t gates_of(Cell cell) {
  return cell == Cell::lstm ? 4 : 3;
}

/// The gate that goes through tanh: g or n. Negating its column negates the state.
constexpr size_t candidate_gate(Cell /*cell*/) {
  return 2;
}

/// Its stable tag in files and on the command line.
std::string_view cell_name(Cell cell);
/// Throws Error that names the known ones.
Cell parse_cell(std::string_view name);

/// What all gates but the candidate go through.
enum class GateFunction {
  sigmoid,       ///< 1 / (1 + e^-a)
  hard_sigmoid,  ///< clip(0.2 a + 0.5, 0, 1), as Keras and Theano define it
};

/// Its stable tag in files and on the command line.
std::string_view gate_function_name(GateFunction function);
/// Throws Error that names the known ones.
GateFunction parse_gate_function(std::string_view name);
/// The gate of one pre-activation.
float gate_value(GateFunction function, float a);

}  // namespace ockham
