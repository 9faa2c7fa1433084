#include "ockham/deploy/distinct_rows.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

namespace ockham {
namespace {

/// The first row that is the same as each, to the bit. Rows are sorted: a hostile file can choose
/// them so that they meet in a hash table.
std::vector<uint32_t> first_of_each(const Matrix& matrix) {
  const size_t bytes = matrix.cols() * sizeof(float);
  const auto compare = [&](uint32_t a, uint32_t b) {
    return bytes == 0 ? 0 : std::memcmp(matrix.row(a), matrix.row(b), bytes);
  };
  std::vector<uint32_t> order(matrix.rows());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, [&](uint32_t a, uint32_t b) {
    const int difference = compare(a, b);
    return difference != 0 ? difference < 0 : a < b;
  });
  std::vector<uint32_t> first(matrix.rows());
  for (size_t i = 0; i < order.size(); ++i) {
    const bool same = i > 0 && compare(order[i - 1], order[i]) == 0;
    first[order[i]] = same ? first[order[i - 1]] : order[i];
  }
  return first;
}

}  // namespace

DistinctRows distinct_rows(Matrix matrix) {
  const std::vector<uint32_t> first = first_of_each(matrix);
  DistinctRows result;
  result.row_of.reserve(first.size());
  uint32_t count = 0;
  for (uint32_t i = 0; i < first.size(); ++i) {
    result.row_of.push_back(first[i] == i ? count++ : result.row_of[first[i]]);
  }
  if (count == matrix.rows()) {
    result.rows = std::move(matrix);
    return result;
  }
  result.rows = Matrix::without_values(count, matrix.cols());
  for (uint32_t i = 0; i < first.size(); ++i) {
    if (first[i] == i) {
      std::copy_n(matrix.row(i), matrix.cols(), result.rows.row(result.row_of[i]));
    }
  }
  return result;
}

}  // namespace ockham
