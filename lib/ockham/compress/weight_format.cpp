#include "ockham/compress/weight_format.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/half.hpp"

namespace ockham {
namespace {

constexpr uint32_t kHalfMagnitude = 0x7FFF;
constexpr uint32_t kHalfInfinity = 0x7C00;

struct KnownFormat {
  WeightFormat format;
  std::string_view name;
  WeightBits bits;
  int power = 1;
};

// Predicted: sign and exponent, sign and the highest of the magnitude, all.
constexpr std::array<KnownFormat, kWeightFormats> kKnown{
    {{WeightFormat::fp32, "fp32", {32, 9}},
     {WeightFormat::fp16, "fp16", {16, 6}},
     {WeightFormat::int8, "int8", {8, 4}},
     {WeightFormat::even_int6, "even-int6", {6, 6}},
     {WeightFormat::even_int5, "even-int5", {5, 5}},
     {WeightFormat::even_int4, "even-int4", {4, 4}},
     {WeightFormat::int6, "int6", {6, 6}, 2},
     {WeightFormat::int5, "int5", {5, 5}, 2},
     {WeightFormat::int4, "int4", {4, 4}, 3}}};

const KnownFormat& known_format(WeightFormat format) {
  return kKnown.at(static_cast<size_t>(format));
}

uint32_t to_half_bits(float weight) {
  const uint32_t bits = float_to_half(weight);
  if ((bits & kHalfMagnitude) >= kHalfInfinity) {
    fail("the weight ", weight, " is too large for fp16; use fp32");
  }
  return (bits & kHalfMagnitude) == 0 ? 0 : bits;
}

/// The highest bit is the sign.
uint32_t sign_bit(WeightFormat format) {
  return 1u << (weight_bits(format).all - 1);
}

/// The power of a whole number.
float raised(float whole, int power) {
  return power == 1 ? whole : power == 2 ? whole * whole : whole * whole * whole;
}

uint32_t to_whole_bits(WeightFormat format, float weight, float scale) {
  const int power = whole_power(format);
  const float times = std::abs(weight) / scale;
  if (times <= 0.5f) return 0;
  const float root = power == 1 ? times : power == 2 ? std::sqrt(times) : std::cbrt(times);
  const float below = std::max(1.0f, std::floor(root));
  const bool up = times - raised(below, power) > raised(below + 1.0f, power) - times;
  const float steps = std::min(up ? below + 1.0f : below, largest_whole(format));
  const auto magnitude = static_cast<uint32_t>(steps);
  return weight < 0.0f ? sign_bit(format) | magnitude : magnitude;
}

}  // namespace

std::string_view weight_format_name(WeightFormat format) {
  return known_format(format).name;
}

WeightFormat parse_weight_format(std::string_view name) {
  std::string names;
  for (const KnownFormat& known : kKnown) {
    if (known.name == name) return known.format;
    names.append(names.empty() ? "" : ", ").append(known.name);
  }
  fail("unknown weight format \"", name, "\"; known: ", names);
}

WeightBits weight_bits(WeightFormat format) {
  return known_format(format).bits;
}

bool is_whole(WeightFormat format) {
  return format != WeightFormat::fp32 && format != WeightFormat::fp16;
}

float largest_whole(WeightFormat format) {
  return static_cast<float>(sign_bit(format) - 1);
}

int whole_power(WeightFormat format) {
  return known_format(format).power;
}

uint32_t weight_to_bits(WeightFormat format, float weight, float scale) {
  if (weight == 0.0f) return 0;
  if (is_whole(format)) return to_whole_bits(format, weight, scale);
  return format == WeightFormat::fp16 ? to_half_bits(weight) : std::bit_cast<uint32_t>(weight);
}

float bits_to_weight(WeightFormat format, uint32_t bits, float scale) {
  if (is_whole(format)) {
    const uint32_t sign = sign_bit(format);
    const auto whole = static_cast<float>(bits & (sign - 1));
    const float magnitude = scale * raised(whole, whole_power(format));
    return (bits & sign) != 0 ? -magnitude : magnitude;
  }
  if (format == WeightFormat::fp16) return half_to_float(static_cast<uint16_t>(bits));
  return std::bit_cast<float>(bits);
}

float whole_scale(WeightFormat format, float largest) {
  const float scale = largest / raised(largest_whole(format), whole_power(format));
  if (scale < std::numeric_limits<float>::min()) return 1.0f;
  // 31^2 has 10 bits, 7^3 has 9.
  const uint32_t zeros = whole_power(format) == 1 ? 0xFF : 0xFFF;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(scale) & ~zeros);
}

WeightFormat format_of_the_rest(WeightFormat format) {
  if (format == WeightFormat::fp32) return WeightFormat::fp32;
  const bool halves = format == WeightFormat::fp16 || format == WeightFormat::int8;
  return halves ? WeightFormat::fp16 : WeightFormat::int8;
}

std::vector<float> column_scales(WeightFormat format, Scales scales, const Matrix& m) {
  for (const float w : m.values()) {
    if (!std::isfinite(w)) fail("a weight is ", w, ", which no file holds; train at a lower rate");
  }
  std::vector<float> largest(m.cols(), 0.0f);
  if (!is_whole(format)) return std::vector<float>(m.cols(), 1.0f);
  for (size_t r = 0; r < m.rows(); ++r) {
    for (size_t c = 0; c < m.cols(); ++c) largest[c] = std::max(largest[c], std::abs(m(r, c)));
  }
  if (scales == Scales::matrix && m.cols() > 0) {
    std::ranges::fill(largest, std::ranges::max(largest));
  }
  for (float& column : largest) column = whole_scale(format, column);
  return largest;
}

void round_weights(WeightFormat format, Scales scales, Matrix& m) {
  const std::vector<float> scale = column_scales(format, scales, m);
  for (size_t r = 0; r < m.rows(); ++r) {
    for (size_t c = 0; c < m.cols(); ++c) {
      m(r, c) = bits_to_weight(format, weight_to_bits(format, m(r, c), scale[c]), scale[c]);
    }
  }
}

}  // namespace ockham
