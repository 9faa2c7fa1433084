#include "ockham/nn/cell.hpp"

#include <algorithm>
#include <cmath>

#include "ockham/tensor/error.hpp"

namespace ockham {

std::string_view cell_name(Cell cell) {
  return cell == Cell::lstm ? "lstm" : "gru";
}

Cell parse_cell(std::string_view name) {
  for (const Cell cell : {Cell::lstm, Cell::gru}) {
    if (cell_name(cell) == name) return cell;
  }
  fail("unknown cell \"", name, "\"; known: lstm, gru");
}

std::string_view gate_function_name(GateFunction function) {
  return function == GateFunction::sigmoid ? "sigmoid" : "hard-sigmoid";
}

GateFunction parse_gate_function(std::string_view name) {
  for (const GateFunction function : {GateFunction::sigmoid, GateFunction::hard_sigmoid}) {
    if (gate_function_name(function) == name) return function;
  }
  fail("unknown gates \"", name, "\"; known: sigmoid, hard-sigmoid");
}

float gate_value(GateFunction function, float a) {
  if (function == GateFunction::hard_sigmoid) return std::clamp(0.2f * a + 0.5f, 0.0f, 1.0f);
  return 1.0f / (1.0f + std::exp(-a));
}

}  // namespace ockham
