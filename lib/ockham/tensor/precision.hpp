#pragma once

#include <string_view>

namespace ockham {

/// What the factors of large matrix products are rounded to. Sums, and everything else, are fp32.
enum class Precision {
  fp32,
  bf16,  ///< 8 bits of mantissa (Kalamkar et al. 2019)
};

/// Its stable tag.
std::string_view precision_name(Precision precision);

/// Whether this processor multiplies bf16 numbers faster than fp32 ones.
bool multiplies_bf16();

}  // namespace ockham
