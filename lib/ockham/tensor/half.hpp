#pragma once

#include <cstdint>

namespace ockham {

/// The nearest IEEE 754 binary16 number, ties to even; infinity from 65,520 on.
uint16_t float_to_half(float value);
/// Exact.
float half_to_float(uint16_t half);

}  // namespace ockham
