#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace ockham {

/// 0, 1, ..., n - 1
inline std::vector<uint32_t> counting(size_t n) {
  std::vector<uint32_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0u);
  return numbers;
}

}  // namespace ockham
