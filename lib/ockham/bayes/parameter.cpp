#include "ockham/bayes/parameter.hpp"

#include <cassert>
#include <utility>

#include "ockham/tensor/indices.hpp"

namespace ockham {
namespace {

std::vector<uint32_t> select_ids(const std::vector<uint32_t>& ids, std::span<const uint32_t> at) {
  std::vector<uint32_t> selected;
  selected.reserve(at.size());
  for (const uint32_t i : at) selected.push_back(ids[i]);
  return selected;
}

}  // namespace

Parameter::Parameter(std::string path_in, uint32_t id_in, size_t rows, size_t cols,
                     std::shared_ptr<const Posterior> posterior_in, float initial_spread)
    : path(std::move(path_in)),
      id(id_in),
      mean(rows, cols),
      mean_gradient(rows, cols),
      row_ids(counting(rows)),
      column_ids(counting(cols)) {
  set_posterior(std::move(posterior_in), initial_spread);
}

std::vector<uint8_t> Parameter::keep_mask() const {
  std::vector<uint8_t> mask(mean.size());
  posterior->keep(mean.values(), spread.values(), mask);
  if (!kept.empty()) {
    for (size_t i = 0; i < mask.size(); ++i) mask[i] &= kept[i];
  }
  return mask;
}

Matrix Parameter::expectation() const {
  Matrix value(rows(), cols());
  posterior->expectation(mean.values(), spread.values(), value.values());
  for (size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) value.values()[i] = 0.0f;
  }
  return value;
}

void Parameter::set_posterior(std::shared_ptr<const Posterior> new_posterior,
                              float initial_spread) {
  posterior = std::move(new_posterior);
  const bool has_spread = posterior->has_spread();
  spread = has_spread ? Matrix(rows(), cols(), initial_spread) : Matrix();
  spread_gradient = has_spread ? Matrix(rows(), cols()) : Matrix();
}

void Parameter::prune(std::vector<uint8_t> mask) {
  assert(mask.size() == mean.size());
  kept = std::move(mask);
  for (size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) mean.values()[i] = 0.0f;
  }
}

void Parameter::select(std::span<const uint32_t> rows_kept,
                       std::span<const uint32_t> columns_kept) {
  if (!kept.empty()) {
    std::vector<uint8_t> mask;
    mask.reserve(rows_kept.size() * columns_kept.size());
    for (const uint32_t r : rows_kept) {
      for (const uint32_t c : columns_kept) mask.push_back(kept[r * cols() + c]);
    }
    kept = std::move(mask);
  }
  mean = select_elements(mean, rows_kept, columns_kept);
  if (!spread.empty()) {
    spread = select_elements(spread, rows_kept, columns_kept);
    spread_gradient = Matrix(spread.rows(), spread.cols());
  }
  mean_gradient = Matrix(mean.rows(), mean.cols());
  row_ids = select_ids(row_ids, rows_kept);
  column_ids = select_ids(column_ids, columns_kept);
}

Matrix select_elements(const Matrix& m, std::span<const uint32_t> rows,
                       std::span<const uint32_t> columns) {
  Matrix selected(rows.size(), columns.size());
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t c = 0; c < columns.size(); ++c) selected(r, c) = m(rows[r], columns[c]);
  }
  return selected;
}

}  // namespace ockham
