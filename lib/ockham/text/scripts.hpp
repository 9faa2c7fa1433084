#pragma once

#include <string_view>

namespace ockham {

/// The script that a letter belongs to, such as "Latin" or "Han"; "other" for scripts that are not
/// told apart here; empty for what is no letter.
std::string_view script_of(char32_t code_point);

}  // namespace ockham
