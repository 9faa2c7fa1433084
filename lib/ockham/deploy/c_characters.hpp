#pragma once

#include <set>
#include <string>

#include "ockham/text/unicode.hpp"

namespace ockham {

/// Which characters a program in C has to tell apart.
struct CharacterNeeds {
  TextForm form;
  bool punctuation = true;  ///< whether marks are tokens
  bool all = false;         ///< every character matters, as where words are hashed
  /// Otherwise: those of the known words, fully decomposed. A word with any other letter is unknown
  /// however it is folded and composed.
  std::set<char32_t> known;
};

/// The tables that the reader (c/reader.c) reads, as definitions in C: what is a word, a mark or a
/// space, what folding and decomposing make of a character, the order of marks, and what composes.
struct CharacterText {
  std::string definitions;
  size_t cluster = 0;  ///< characters that the reader keeps at most
};
CharacterText c_characters(const CharacterNeeds& needs);

}  // namespace ockham
