#include "ockham/bayes/parameter.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/indices.hpp"

namespace ockham {
namespace {

std::vector<uint32_t> select_ids(const std::vector<uint32_t>& ids, std::span<const uint32_t> at) {
  std::vector<uint32_t> selected;
  selected.reserve(at.size());
  for (const uint32_t i : at) selected.push_back(ids[i]);
  return selected;
}

/// How many different spreads a column and a row hold.
size_t sharers_down(const Parameter& p) {
  const bool each_row = p.sharing == Sharing::weight || p.sharing == Sharing::row;
  return each_row ? p.rows() : std::min<size_t>(1, p.rows());
}
size_t sharers_across(const Parameter& p) {
  const bool each_column = p.sharing == Sharing::weight || p.sharing == Sharing::column;
  return each_column ? p.cols() : std::min<size_t>(1, p.cols());
}

constexpr std::array<std::string_view, 4> kSharingNames{"weight", "row", "column", "layer"};

}  // namespace

std::string_view sharing_name(Sharing sharing) {
  return kSharingNames[static_cast<size_t>(sharing)];
}

Sharing parse_sharing(std::string_view name) {
  const auto found = std::ranges::find(kSharingNames, name);
  if (found == kSharingNames.end()) {
    fail("a deviation of every \"", name, "\" is unknown; known: weight, row, column, layer");
  }
  return static_cast<Sharing>(found - kSharingNames.begin());
}

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

Matrix Parameter::expectation(std::span<const uint8_t> mask) const {
  Matrix value(rows(), cols());
  posterior->expectation(mean.values(), spread.values(), value.values());
  for (size_t i = 0; i < mask.size(); ++i) {
    if (!mask[i]) value.values()[i] = 0.0f;
  }
  return value;
}

Matrix Parameter::kept_mean() const {
  Matrix value = mean;
  zero_pruned(value);
  return value;
}

void Parameter::zero_pruned(MatrixView drawn) const {
  for (size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) drawn(i / cols(), i % cols()) = 0.0f;
  }
}

void Parameter::set_posterior(std::shared_ptr<const Posterior> new_posterior,
                              float initial_spread) {
  posterior = std::move(new_posterior);
  for (float& m : mean.values()) m = posterior->mean_of_value(m);
  const bool has_spread = posterior->has_spread();
  spread = has_spread ? Matrix(rows(), cols(), initial_spread) : Matrix();
  spread_gradient = has_spread ? Matrix(rows(), cols()) : Matrix();
  posterior->project(mean.values(), spread.values());
}

void Parameter::prune(std::vector<uint8_t> mask) {
  assert(mask.size() == mean.size());
  kept = std::move(mask);
  for (size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) mean.values()[i] = posterior->pruned_mean();
  }
}

bool Parameter::has_pruned_means() const {
  for (size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i] && mean.values()[i] != posterior->pruned_mean()) return true;
  }
  return false;
}

Matrix Parameter::shared_spread() const {
  return select_elements(spread, counting(sharers_down(*this)), counting(sharers_across(*this)));
}

Matrix Parameter::sum_shared(const Matrix& full) const {
  // In double: those who share a KL gradient often all say the same, the worst case for rounding.
  Matrix sums(sharers_down(*this), sharers_across(*this));
  std::vector<double> exact(sums.size(), 0.0);
  for (size_t r = 0; r < full.rows(); ++r) {
    double* row = exact.data() + (sums.rows() == 1 ? 0 : r * sums.cols());
    for (size_t c = 0; c < full.cols(); ++c) row[sums.cols() == 1 ? 0 : c] += full(r, c);
  }
  std::ranges::transform(exact, sums.values().begin(),
                         [](double sum) { return static_cast<float>(sum); });
  return sums;
}

void Parameter::set_shared_spread(const Matrix& shared) {
  for (size_t r = 0; r < spread.rows(); ++r) {
    for (size_t c = 0; c < spread.cols(); ++c) {
      spread(r, c) = shared(r % shared.rows(), c % shared.cols());
    }
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
