#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <utility>

#include "ockham/tensor/noise.hpp"

namespace ockham {

/// Noise that was written down: element (row, column) of a tensor's table, whatever the kind. A
/// tensor without a table, or a place outside of it, is an error of the test (std::out_of_range).
class TableNoise final : public NoiseSource {
 public:
  void set(uint32_t tensor, Matrix values) { tables_[tensor] = std::move(values); }
  /// The sample of one text's own.
  void set(uint32_t tensor, uint32_t text, Matrix values) {
    text_tables_[{tensor, text}] = std::move(values);
  }

  void matrix(NoiseKind /*kind*/, uint32_t tensor, std::span<const uint32_t> rows,
              std::span<const uint32_t> columns, MatrixView out) const override {
    for (size_t i = 0; i < rows.size(); ++i) {
      for (size_t j = 0; j < columns.size(); ++j) {
        out(i, j) = at(tables_.at(tensor), rows[i], columns[j]);
      }
    }
  }

  void sequence_matrix(NoiseKind /*kind*/, uint32_t tensor, std::span<const uint32_t> texts,
                       std::span<const uint32_t> rows, std::span<const uint32_t> columns,
                       MatrixView out) const override {
    for (size_t i = 0; i < rows.size(); ++i) {
      const Matrix& table = text_tables_.at({tensor, texts[i]});
      for (size_t j = 0; j < columns.size(); ++j) out(i, j) = at(table, rows[i], columns[j]);
    }
  }

  void pairs(NoiseKind /*kind*/, uint32_t tensor, std::span<const uint32_t> rows,
             std::span<const uint32_t> groups, std::span<float> out) const override {
    for (size_t i = 0; i < rows.size(); ++i) out[i] = at(tables_.at(tensor), rows[i], groups[i]);
  }

 private:
  static float at(const Matrix& table, uint32_t row, uint32_t column) {
    if (row >= table.rows() || column >= table.cols()) throw std::out_of_range("noise table");
    return table(row, column);
  }

  std::map<uint32_t, Matrix> tables_;
  std::map<std::pair<uint32_t, uint32_t>, Matrix> text_tables_;
};

}  // namespace ockham
