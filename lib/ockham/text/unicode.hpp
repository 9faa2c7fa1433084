#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ockham {

/// What a character is to a tokenizer.
enum class CharacterKind : uint8_t {
  kSpace,       ///< white space, controls, U+200B
  kWord,        ///< letters, digits, marks
  kApostrophe,  ///< U+0027
  kMark,        ///< a token of its own: punctuation, symbols, ideographs, kana
};

CharacterKind character_kind(char32_t code_point);

/// Replaces `out` by `text` in NFC, case-folded if `fold`; default-ignorable characters are
/// dropped, U+2019 becomes an apostrophe, bytes that are not UTF-8 become U+FFFD. Runs in linear
/// time on any input: a base character is composed with at most 30 marks at a time (the Stream-Safe
/// Text Format of UAX #15).
void normalize_text(std::string_view text, bool fold, std::string& out);

}  // namespace ockham
