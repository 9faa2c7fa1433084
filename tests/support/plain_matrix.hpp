#pragma once

#include <algorithm>
#include <vector>

#include "ockham/tensor/kernels.hpp"
#include "ockham/tensor/matmul.hpp"
#include "ockham/tensor/matrix.hpp"

/// Whole-matrix operations by value, for what tests work out beside a layer.
namespace ockham {

inline Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows(), b.cols());
  matmul(a, b, c, Accumulate::no);
  return c;
}

inline Matrix matrix_of(const std::vector<std::vector<double>>& rows) {
  Matrix m(rows.size(), rows.at(0).size());
  for (size_t r = 0; r < m.rows(); ++r) {
    for (size_t c = 0; c < m.cols(); ++c) m(r, c) = static_cast<float>(rows[r][c]);
  }
  return m;
}

inline Matrix copy_of(ConstMatrixView m) {
  Matrix copy(m.rows, m.cols);
  for (size_t r = 0; r < m.rows; ++r) std::ranges::copy(m.row_span(r), copy.row(r));
  return copy;
}

inline Matrix columns(const Matrix& m, size_t first, size_t count) {
  Matrix part(m.rows(), count);
  for (size_t r = 0; r < m.rows(); ++r) std::copy_n(m.row(r) + first, count, part.row(r));
  return part;
}

inline void set_columns(const Matrix& part, size_t first, Matrix& m) {
  for (size_t r = 0; r < m.rows(); ++r) std::copy_n(part.row(r), part.cols(), m.row(r) + first);
}

/// m `times` times, one below the other.
inline Matrix repeated(const Matrix& m, size_t times) {
  Matrix all(times * m.rows(), m.cols());
  for (size_t i = 0; i < times; ++i) std::copy_n(m.data(), m.size(), all.row(i * m.rows()));
  return all;
}

inline void add(const Matrix& from, Matrix& to) {
  add_scaled(1.0f, from.values(), to.values());
}

}  // namespace ockham
