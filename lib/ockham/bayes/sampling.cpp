#include "ockham/bayes/sampling.hpp"

#include "ockham/tensor/kernels.hpp"

namespace ockham {

bool draws_noise(const Parameter& parameter, const NoiseSource* noise) {
  return noise != nullptr && parameter.posterior->noise() != NoiseKind::none;
}

Matrix rows_at(ConstMatrixView m, std::span<const uint32_t> rows) {
  Matrix out = Matrix::without_values(rows.size(), m.cols);
  gather_rows(m, rows, {}, out);
  return out;
}

Matrix scaled_by_draw(ConstMatrixView x, const Matrix& factors, std::span<const uint32_t> draws) {
  Matrix out(x.rows, x.cols);
  for (size_t r = 0; r < x.rows; ++r) {
    for (size_t j = 0; j < x.cols; ++j) out(r, j) = x(r, j) * factors(draws[r], j);
  }
  return out;
}

void zero_pruned_rows(const Parameter& parameter, std::span<const uint32_t> rows,
                      MatrixView drawn) {
  if (parameter.kept.empty()) return;
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint8_t* kept = &parameter.kept[rows[i] * parameter.cols()];
    for (size_t j = 0; j < drawn.cols; ++j) {
      if (!kept[j]) drawn(i, j) = 0.0f;
    }
  }
}

}  // namespace ockham
