#include "ockham/tensor/half.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace ockham {
namespace {

constexpr uint32_t kHalfInfinity = 0x7C00;
constexpr float kSmallestNormal = 0x1p-14f;
constexpr float kSmallestSubnormal = 0x1p-24f;
constexpr uint32_t kMantissaShift = 13;        // 23 bits of binary32 to 10 of binary16
constexpr uint32_t kExponentShift = 127 - 15;  // difference of the biases

}  // namespace

uint16_t float_to_half(float value) {
  const uint32_t sign = std::signbit(value) ? 0x8000 : 0;
  const float magnitude = std::abs(value);
  uint32_t half = 0;
  if (std::isnan(value)) {
    half = kHalfInfinity | 1;
  } else if (magnitude >= 65520.0f) {
    half = kHalfInfinity;
  } else if (magnitude < kSmallestNormal) {
    half = static_cast<uint32_t>(std::nearbyint(magnitude / kSmallestSubnormal));
  } else {
    uint32_t bits = std::bit_cast<uint32_t>(magnitude);
    bits += (1u << (kMantissaShift - 1)) - 1 + ((bits >> kMantissaShift) & 1);  // to nearest even
    half = (bits >> kMantissaShift) - (kExponentShift << 10);
  }
  return static_cast<uint16_t>(sign | half);
}

float half_to_float(uint16_t half) {
  const float sign = half & 0x8000 ? -1.0f : 1.0f;
  const uint32_t exponent = (half >> 10) & 0x1F;
  const uint32_t mantissa = half & 0x3FF;
  if (exponent == 0) return sign * static_cast<float>(mantissa) * kSmallestSubnormal;
  if (exponent == 31) {
    return mantissa != 0 ? std::numeric_limits<float>::quiet_NaN()
                         : sign * std::numeric_limits<float>::infinity();
  }
  return sign *
         std::bit_cast<float>(((exponent + kExponentShift) << 23) | (mantissa << kMantissaShift));
}

}  // namespace ockham
