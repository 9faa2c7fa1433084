#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ockham/compress/folded_model.hpp"
#include "ockham/deploy/bit_coder.hpp"
#include "ockham/deploy/bytes.hpp"
#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// How a deployable file stores the embedding's weights. Everything else is small and stored as
/// fp32 in an fp32 file, as fp16 in one of fp16 or int8, and as int8 with a scale for each matrix
/// in the others.
enum class WeightFormat : uint8_t {
  fp32 = 0,
  fp16 = 1,
  int8 = 2,  ///< whole numbers -127 .. 127 times a scale for each column
  int6 = 3,  ///< -31 .. 31
  int5 = 4,  ///< -15 .. 15
  int4 = 5,  ///< -7 .. 7
};

constexpr size_t kWeightFormats = 6;

std::string_view weight_format_name(WeightFormat format);
/// Throws Error that names the known ones.
WeightFormat parse_weight_format(std::string_view name);

/// How many bits a weight has in a format, and how many of the highest are worth predicting.
struct WeightBits {
  int all;
  int predicted;
};
WeightBits weight_bits(WeightFormat format);

/// Whether weights are whole numbers times a scale, and the largest of these numbers.
bool is_whole(WeightFormat format);
float largest_whole(WeightFormat format);

/// The bits of a weight; 0 for a weight that is, or rounds to, 0. `scale` is a whole number's.
/// Throws Error for a weight past the format's largest.
uint32_t weight_to_bits(WeightFormat format, float weight, float scale);
/// The inverse.
float bits_to_weight(WeightFormat format, uint32_t bits, float scale);
/// The scale of weights whose largest magnitude is `largest`, 1 where all are zeros. Its lowest
/// 8 bits are 0, so that 127 scales are exact and coding a decoded column changes nothing.
float whole_scale(WeightFormat format, float largest);

/// What has a scale of its own.
enum class Scales { column, matrix };

/// Codes the scale of weights whose largest magnitude is `largest`.
template <typename Coder>
float code_scale(Coder& coder, WeightFormat format, float largest) {
  const uint32_t bits = std::bit_cast<uint32_t>(whole_scale(format, largest));
  const float scale = std::bit_cast<float>(coder.raw(bits >> 8, 24) << 8);
  if (!(std::isnormal(scale) && scale > 0.0f)) {
    fail_damaged(coder.source(), "a scale is ", scale, ", expected a positive number");
  }
  return scale;
}

/// Codes the scales of all columns.
template <typename Coder>
std::vector<float> code_scales(Coder& coder, WeightFormat format, Scales scales, const Matrix& m) {
  if (!is_whole(format)) return std::vector<float>(m.cols(), 1.0f);
  std::vector<float> largest(m.cols(), 0.0f);
  for (size_t r = 0; r < m.rows(); ++r) {
    for (size_t c = 0; c < m.cols(); ++c) largest[c] = std::max(largest[c], std::abs(m(r, c)));
  }
  if (scales == Scales::matrix) {
    if (m.size() == 0) return {};
    return std::vector<float>(m.cols(), code_scale(coder, format, std::ranges::max(largest)));
  }
  for (float& column : largest) column = code_scale(coder, format, column);
  return largest;
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
