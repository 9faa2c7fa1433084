#pragma once

#include <cstdint>
#include <span>

#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// What the tokens of distinct words give back to one direction's projected words.
struct WordSums {
  std::span<const uint32_t> begin;    ///< [words + 1] each word's tokens in `tokens`
  std::span<const uint32_t> tokens;   ///< grouped by word, in the order of the batch
  std::span<const uint32_t> row_of;   ///< [tokens] the packed row of each
  std::span<const float> multiplier;  ///< [tokens] z of each, or empty: 1
  ConstMatrixView gradients;          ///< ds [packed rows, width]
  ConstMatrixView projected;          ///< P [words, width]
  MatrixView sums;                    ///< dP [words, width]
  /// dz [tokens] in the order of `tokens`; only where there are multipliers. (In that of the batch,
  /// threads with different words would write to the same cache lines all the time.)
  std::span<float> inner;
};

/// Of the words [first, first + count):  dP[w] = sum z ds;   dz = <ds, P[w]>
void sum_words(const WordSums& words, size_t first, size_t count);

}  // namespace ockham
