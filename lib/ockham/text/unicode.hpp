#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ockham/text/tokenizer_options.hpp"

namespace ockham {

/// What a character is to a tokenizer.
enum class CharacterKind : uint8_t {
  kSpace,       ///< white space, controls, U+200B
  kWord,        ///< letters, digits, marks
  kApostrophe,  ///< U+0027
  kMark,        ///< a token of its own: punctuation, symbols, ideographs, kana
};

CharacterKind character_kind(char32_t code_point);

/// Whether a mark is one that goes where punctuation is not wanted: Unicode's punctuation, and
/// every ASCII mark. Other symbols (emoji, currencies) and ideographs stay.
bool is_punctuation(char32_t code_point);

/// How a text is normalised.
struct TextForm {
  bool fold = true;            ///< full Unicode case folding
  bool compatibility = false;  ///< NFKC instead of NFC
  bool fold_numbers = false;   ///< decimal digits become 0
};

inline TextForm text_form(const TokenizerOptions& options) {
  return {options.lower_case, options.compatibility, options.fold_numbers};
}

/// Whether the form may join the character with those before it, or it is invisible between them.
bool extends_cluster(char32_t code_point, const TextForm& form);

/// Replaces `out` by `text` in the given form; default-ignorable characters are dropped, U+2019
/// becomes an apostrophe, bytes that are not UTF-8 become U+FFFD. Runs in linear time on any input:
/// a base character is composed with at most 30 marks at a time (the Stream-Safe Text Format of
/// UAX #15).
void normalize_text(std::string_view text, const TextForm& form, std::string& out);

}  // namespace ockham
