#pragma once

#include <cstddef>
#include <string_view>

namespace ockham {

/// Long texts are tokenized piece by piece, so that a text that arrives in parts needs no more
/// memory than its longest piece. Where the pieces end hangs on the text alone, never on the parts.
inline constexpr size_t kPieceBytes = size_t{1} << 16;
/// A longer piece has no place to end at; it is cut at a character's end, even inside a word.
inline constexpr size_t kMostPieceBytes = size_t{1} << 20;

/// The length of the first piece of `rest`, which is what of a text has not been cut yet, or its
/// beginning. 0: there is no telling without more bytes (never where `complete`: that is all). A
/// piece ends behind a space between two ASCII words, the first such place after kPieceBytes, where
/// no tokenizer joins anything across.
size_t piece_length(std::string_view rest, bool complete);

/// The start of the character that holds the byte at `at`, which is inside the text.
size_t character_start(std::string_view text, size_t at);

}  // namespace ockham
