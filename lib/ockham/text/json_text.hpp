#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ockham {

/// Bytes as a JSON string in quotes; those that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view bytes);

/// Appends the members of `object`, which is a valid JSON object, as they are written there, with
/// commas between them, but for those whose keys are among `except`. Of a key that stands there
/// twice both are kept.
void append_json_members(std::string_view object, std::span<const std::string> except,
                         std::string& out);

}  // namespace ockham
