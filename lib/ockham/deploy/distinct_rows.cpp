#include "ockham/deploy/distinct_rows.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace ockham {

DistinctRows distinct_rows(const Matrix& matrix) {
  DistinctRows result;
  result.row_of.reserve(matrix.rows());
  std::vector<size_t> first_of;
  std::unordered_map<std::string_view, uint32_t> known;
  for (size_t i = 0; i < matrix.rows(); ++i) {
    const auto* bytes = reinterpret_cast<const char*>(matrix.row(i));
    const auto next = static_cast<uint32_t>(known.size());
    const auto [entry, is_new] =
        known.try_emplace(std::string_view(bytes, matrix.cols() * sizeof(float)), next);
    if (is_new) first_of.push_back(i);
    result.row_of.push_back(entry->second);
  }
  result.rows = Matrix(first_of.size(), matrix.cols());
  for (size_t r = 0; r < first_of.size(); ++r) {
    std::copy_n(matrix.row(first_of[r]), matrix.cols(), result.rows.row(r));
  }
  return result;
}

}  // namespace ockham
