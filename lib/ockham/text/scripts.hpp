#pragma once

#include <string_view>

namespace ockham {

/// The script that a letter belongs to, such as "Latin" or "Han"; "other" for scripts that are not
/// told apart here; empty for what is no letter.
std::string_view script_of(char32_t code_point);

/// Whether languages in this script put no spaces between words, so that words must be found
/// otherwise.
bool writes_without_spaces(std::string_view script);

}  // namespace ockham
