#pragma once

#include <string_view>

namespace ockham {

/// The script that a letter belongs to, such as "Latin" or "Han"; "other" for scripts that are not
/// told apart here; empty for what is no letter.
std::string_view script_of(char32_t code_point);

/// Whether words have to be found otherwise than by the word tokenizer, which would take whole
/// phrases for words: languages in this script put no spaces between them. (Nor do those of
/// ideographs and kana, but each of these is a token.)
bool needs_subwords(std::string_view script);

}  // namespace ockham
