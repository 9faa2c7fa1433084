#pragma once

#include <string_view>

namespace ockham {

/// What the factors of large matrix products are rounded to. Everything else is fp32.
enum class Precision {
  fp32,  ///< nothing; where there is AMX, 22 bits and more of a row's largest (amx_matmul.hpp)
  bf16,  ///< 8 bits (Kalamkar et al. 2019)
};

/// Its stable tag.
std::string_view precision_name(Precision precision);
/// Throws Error that names the known ones.
Precision parse_precision(std::string_view name);

/// Whether this processor multiplies bf16 numbers faster than fp32 ones.
bool multiplies_bf16();

/// Whether it multiplies tiles of bytes and of bf16 numbers (AMX), and the system lets them be
/// used, which the first call asks for.
bool multiplies_tiles();

}  // namespace ockham
