#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace ockham {

/// The bits of a --vocabulary that is not "words": `hashed:BITS`, or nothing for `hashed` alone.
/// Throws UsageError for anything else.
std::optional<uint32_t> hash_bits(const std::string& vocabulary);

}  // namespace ockham
