#pragma once

#include <cstdint>
#include <string_view>

namespace ockham {

/// CRC-32C (Castagnoli; polynomial 0x1EDC6F41 reflected, start and end 0xFFFFFFFF) of `bytes` after
/// what gave `before`. crc32c("123456789") = 0xE3069283.
uint32_t crc32c(std::string_view bytes, uint32_t before = 0);

}  // namespace ockham
