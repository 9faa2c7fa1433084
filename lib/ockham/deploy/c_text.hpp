#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace ockham {

/// A string literal of C whose bytes are those of `text`, any: no escape runs into what follows it,
/// and nothing in it is a trigraph.
std::string c_string(std::string_view text);

/// A float literal of C99 with exactly this value.
std::string c_float(float value);

/// `#define OCKHAM_NAME value`
std::string c_define(std::string_view name, std::string_view value);
std::string c_define(std::string_view name, uint64_t value);

/// Definitions of constant arrays; one of no elements gets a 0, for C has no empty ones.
std::string c_array(std::string_view name, std::span<const uint8_t> values);
std::string c_array(std::string_view type, std::string_view name, std::span<const uint32_t> values);
std::string c_array(std::string_view name, std::span<const float> values);
/// Of elements that are written already.
std::string c_array(std::string_view type, std::string_view name,
                    std::span<const std::string> values);

/// `{1, 2, 3}`
std::string c_braces(std::initializer_list<uint64_t> values);
/// Of elements that are written already.
std::string c_braces(std::span<const std::string> values);

/// The narrowest unsigned type that holds the value: unsigned char, uint16_t or uint32_t.
std::string_view c_type(uint64_t largest);

}  // namespace ockham
