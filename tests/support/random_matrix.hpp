#pragma once

#include <random>

#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// Normal numbers mean + deviation * N(0, 1).
inline void fill_normal(std::mt19937& random, std::span<float> values, float mean,
                        float deviation) {
  std::normal_distribution<float> normal(mean, deviation);
  for (float& x : values) x = normal(random);
}

inline Matrix random_matrix(std::mt19937& random, size_t rows, size_t cols, float mean = 0.0f,
                            float deviation = 1.0f) {
  Matrix m(rows, cols);
  fill_normal(random, m.values(), mean, deviation);
  return m;
}

}  // namespace ockham
