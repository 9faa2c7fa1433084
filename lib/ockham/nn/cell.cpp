#include "ockham/nn/cell.hpp"

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

}  // namespace ockham
