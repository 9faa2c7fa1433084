#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "ockham/compress/folded_model.hpp"
#include "ockham/compress/weight_format.hpp"
#include "ockham/deploy/bit_coder.hpp"
#include "ockham/deploy/bytes.hpp"
#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// Codes a scale, which in the decoder is 1 before.
template <typename Coder>
float code_scale(Coder& coder, float scale) {
  const uint32_t bits = std::bit_cast<uint32_t>(scale);
  scale = std::bit_cast<float>(coder.raw(bits >> 8, 24) << 8);
  if (!(std::isnormal(scale) && scale > 0.0f)) {
    fail_damaged(coder.source(), "a scale is ", scale, ", expected a positive number");
  }
  return scale;
}

/// Codes the scales of all columns.
template <typename Coder>
std::vector<float> code_scales(Coder& coder, WeightFormat format, Scales of, const Matrix& m) {
  std::vector<float> scales = column_scales(format, of, m);
  if (!is_whole(format)) return scales;
  if (of == Scales::matrix) {
    if (m.size() == 0) return scales;
    return std::vector<float>(m.cols(), code_scale(coder, scales[0]));
  }
  for (float& scale : scales) scale = code_scale(coder, scale);
  return scales;
}

/// Codes the weights of one matrix, row by row: for each one whether it is there, which is
/// predicted from its column and from how many of its row were there before, and its bits.
/// In the encoder the matrix becomes what the decoder will make of it. Each of the first columns
/// has models of its own, the last of `column_models` serves all that follow.
template <typename Coder>
void code_weights(Coder& coder, WeightFormat format, Scales scales_of, size_t column_models,
                  Matrix& m) {
  constexpr size_t kManyBefore = 2;
  struct ColumnModel {
    std::array<BitModel, kManyBefore + 1> present;
    std::vector<BitModel> value;
  };
  const WeightBits bits = weight_bits(format);
  const int raw = bits.all - bits.predicted;
  std::vector<ColumnModel> models(std::min(m.cols(), column_models));
  for (ColumnModel& model : models) model.value.resize(size_t{1} << bits.predicted);
  const std::vector<float> scales = code_scales(coder, format, scales_of, m);
  for (size_t r = 0; r < m.rows(); ++r) {
    size_t before = 0;
    for (size_t c = 0; c < m.cols(); ++c) {
      ColumnModel& model = models[std::min(c, models.size() - 1)];
      uint32_t weight = weight_to_bits(format, m(r, c), scales[c]);
      if (!coder.code(weight != 0, model.present[std::min(before, kManyBefore)])) {
        m(r, c) = 0.0f;
        continue;
      }
      ++before;
      // One after the other: the operands of a single | may be evaluated in either order.
      const uint32_t high = code_tree(coder, weight >> raw, bits.predicted, model.value);
      const uint32_t low = coder.raw(weight & ((1u << raw) - 1), raw);
      weight = high << raw | low;
      m(r, c) = bits_to_weight(format, weight, scales[c]);
      if (m(r, c) == 0.0f || !(std::abs(m(r, c)) <= kLargestWeight)) {
        fail_damaged(coder.source(), "a weight is ", m(r, c), ", expected one that is not 0",
                     " and at most ", kLargestWeight);
      }
    }
  }
}

}  // namespace ockham
