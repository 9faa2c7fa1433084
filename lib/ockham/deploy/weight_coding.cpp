#include "ockham/deploy/weight_coding.hpp"

#include <limits>

#include "ockham/deploy/half.hpp"

namespace ockham {
namespace {

constexpr float kLargestInt8 = 127.0f;
constexpr uint32_t kInt8Sign = 0x80;
constexpr uint32_t kHalfMagnitude = 0x7FFF;
constexpr uint32_t kHalfInfinity = 0x7C00;

uint32_t to_half_bits(float weight) {
  const uint32_t bits = float_to_half(weight);
  if ((bits & kHalfMagnitude) >= kHalfInfinity) {
    fail("the weight ", weight, " is too large for fp16; use fp32");
  }
  return (bits & kHalfMagnitude) == 0 ? 0 : bits;
}

uint32_t to_int8_bits(float weight, float scale) {
  const float steps = std::min(std::nearbyint(std::abs(weight) / scale), kLargestInt8);
  const auto magnitude = static_cast<uint32_t>(steps);
  return magnitude != 0 && weight < 0.0f ? kInt8Sign | magnitude : magnitude;
}

}  // namespace

std::string_view weight_format_name(WeightFormat format) {
  switch (format) {
    case WeightFormat::fp32:
      return "fp32";
    case WeightFormat::fp16:
      return "fp16";
    case WeightFormat::int8:
      return "int8";
  }
  return "";
}

WeightFormat parse_weight_format(std::string_view name) {
  for (const auto format : {WeightFormat::fp32, WeightFormat::fp16, WeightFormat::int8}) {
    if (weight_format_name(format) == name) return format;
  }
  fail("unknown weight format \"", name, "\"; known: fp32, fp16, int8");
}

WeightBits weight_bits(WeightFormat format) {
  switch (format) {
    case WeightFormat::fp32:
      return {32, 9};  // predicted: sign and exponent
    case WeightFormat::fp16:
      return {16, 6};
    case WeightFormat::int8:
      return {8, 4};
  }
  return {32, 9};
}

uint32_t weight_to_bits(WeightFormat format, float weight, float scale) {
  if (weight == 0.0f) return 0;
  switch (format) {
    case WeightFormat::fp32:
      return std::bit_cast<uint32_t>(weight);
    case WeightFormat::fp16:
      return to_half_bits(weight);
    case WeightFormat::int8:
      return to_int8_bits(weight, scale);
  }
  return 0;
}

float bits_to_weight(WeightFormat format, uint32_t bits, float scale) {
  switch (format) {
    case WeightFormat::fp32:
      return std::bit_cast<float>(bits);
    case WeightFormat::fp16:
      return half_to_float(static_cast<uint16_t>(bits));
    case WeightFormat::int8: {
      const float magnitude = scale * static_cast<float>(bits & (kInt8Sign - 1));
      return bits & kInt8Sign ? -magnitude : magnitude;
    }
  }
  return 0.0f;
}

float int8_scale(float largest) {
  const float scale = largest / kLargestInt8;
  if (scale < std::numeric_limits<float>::min()) return 1.0f;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(scale) & ~0xFFu);
}

}  // namespace ockham
