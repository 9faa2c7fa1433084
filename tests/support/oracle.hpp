#pragma once

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "ockham/nn/cell.hpp"
#include "ockham/tensor/matrix.hpp"

/// Reads the check values in tests/data/oracles: values by PyTorch autograd in float64 and by
/// mpmath. Each file's `about` says its layout.
namespace ockham {

inline nlohmann::json read_oracle(const std::string& name) {
  const std::string path = std::string(OCKHAM_TEST_DATA "/oracles/") + name + ".json";
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return nlohmann::json::parse(file);
}

/// One entry of that file, by value: safe to loop over.
inline nlohmann::json read_oracle(const std::string& name, const std::string& key) {
  return read_oracle(name).at(key);
}

/// All numbers of a nested list, in order.
inline std::vector<double> numbers(const nlohmann::json& list) {
  if (list.is_number()) return {list.get<double>()};
  std::vector<double> all;
  for (const auto& element : list) {
    const auto part = numbers(element);
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

/// The numbers of a nested list cut into rows of equal length.
inline Matrix to_matrix(const nlohmann::json& list, size_t rows) {
  const auto values = numbers(list);
  Matrix m(rows, values.size() / rows);
  for (size_t i = 0; i < m.size(); ++i) m.values()[i] = static_cast<float>(values[i]);
  return m;
}

/// [gates][rows][units] -> [rows, gates * units]: all gates side by side.
inline std::vector<double> gates_side_by_side(const nlohmann::json& list) {
  std::vector<double> values;
  for (size_t r = 0; r < list[0].size(); ++r) {
    for (const auto& gate : list) {
      const auto row = numbers(gate[r]);
      values.insert(values.end(), row.begin(), row.end());
    }
  }
  return values;
}

inline Matrix gates_to_matrix(const nlohmann::json& list) {
  return to_matrix(gates_side_by_side(list), list[0].size());
}

/// PyTorch's two biases [1, gates] as the layer has them: their sum, but that of a GRU's candidate
/// gate by the recurrent product stands apart.
struct TwoBiases {
  TwoBiases(Cell cell_in, const Matrix& first, const Matrix& second) : cell(cell_in), bias(first) {
    const size_t apart = cell == Cell::gru ? second.cols() / 3 : 0, shared = second.cols() - apart;
    for (size_t c = 0; c < shared; ++c) bias(0, c) += second(0, c);
    if (apart > 0) recurrent = Matrix(1, apart);
    for (size_t c = 0; c < apart; ++c) recurrent(0, c) = second(0, shared + c);
  }
  /// The gradient by the second bias.
  Matrix gradient_of_second(const Matrix& dbias, const Matrix& drecurrent) const {
    Matrix gradient = dbias;
    const size_t shared = dbias.cols() - recurrent.cols();
    for (size_t c = shared; c < dbias.cols(); ++c) gradient(0, c) = drecurrent(0, c - shared);
    return gradient;
  }

  Cell cell;
  Matrix bias, recurrent;
};

/// [time][sequences][width] -> rows of the live tokens, sequence by sequence.
inline Matrix live_rows(const nlohmann::json& values, const std::vector<uint32_t>& lengths) {
  std::vector<double> all;
  size_t tokens = 0;
  for (size_t b = 0; b < lengths.size(); ++b) {
    for (size_t t = 0; t < lengths[b]; ++t, ++tokens) {
      const auto row = numbers(values[t][b]);
      all.insert(all.end(), row.begin(), row.end());
    }
  }
  return to_matrix(all, tokens);
}

}  // namespace ockham
