#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// How a deployable file stores the embedding's weights. Everything else is small and stored as
/// fp32 in an fp32 file, as fp16 in one of fp16 or int8, and as int8 with a scale for each matrix
/// in the others.
///
/// An int format has a sign and a magnitude: a whole number, or a power of one, times a scale for
/// each column. Most weights are small beside their column's largest, and the small ones are of
/// frequent n-grams: with powers they keep bits of their own, and hardly any is rounded to 0. (A
/// model with 89.6% of 5,000 reviews right: five bits with squares 89.5%, six bits without 88.7%.)
enum class WeightFormat : uint8_t {
  fp32 = 0,
  fp16 = 1,
  int8 = 2,       ///< whole numbers to 127
  even_int6 = 3,  ///< to 31; this and the next two are of older files
  even_int5 = 4,  ///< to 15
  even_int4 = 5,  ///< to 7
  int6 = 6,       ///< squares of 1 .. 31
  int5 = 7,       ///< squares of 1 .. 15
  int4 = 8,       ///< cubes of 1 .. 7
};

constexpr size_t kWeightFormats = 9;

std::string_view weight_format_name(WeightFormat format);
/// Throws Error that names the known ones.
WeightFormat parse_weight_format(std::string_view name);

/// How many bits a weight has in a format, and how many of the highest are worth predicting.
struct WeightBits {
  int all;
  int predicted;
};
WeightBits weight_bits(WeightFormat format);

/// Whether weights are whole numbers, or their powers, times a scale.
bool is_whole(WeightFormat format);
/// The largest of these whole numbers.
float largest_whole(WeightFormat format);
/// Which power of them is multiplied by the scale: 1, 2 or 3.
int whole_power(WeightFormat format);

/// The bits of a weight; 0 for a weight that is, or rounds to, 0. In int formats what is past the
/// largest becomes the largest. Throws Error for a weight that is past the largest of fp16.
uint32_t weight_to_bits(WeightFormat format, float weight, float scale);
/// The inverse.
float bits_to_weight(WeightFormat format, uint32_t bits, float scale);
/// The scale of weights whose largest magnitude is `largest`, 1 where all are zeros. So many of its
/// lowest bits are 0 that all multiples are exact and coding a decoded column changes nothing.
float whole_scale(WeightFormat format, float largest);

/// How everything but the embedding is stored in such a file.
WeightFormat format_of_the_rest(WeightFormat format);

/// What has a scale of its own.
enum class Scales { column, matrix };

/// The scale of each column of a matrix; 1 in formats that have none. Throws Error for a weight
/// that is not finite.
std::vector<float> column_scales(WeightFormat format, Scales scales, const Matrix& m);

/// Makes of a matrix what a file gives back of it. Throws Error as the above do.
void round_weights(WeightFormat format, Scales scales, Matrix& m);

}  // namespace ockham
