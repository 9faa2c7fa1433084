#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ockham/text/unicode.hpp"

namespace ockham {

/// What normalize_text() asks of a character, for programs that must do the same without Unicode's
/// data.
struct CharacterData {
  CharacterKind kind = CharacterKind::kMark;
  bool punctuation = false;      ///< is_punctuation()
  bool extends = false;          ///< belongs to the character before it
  bool ignorable = false;        ///< is dropped
  uint8_t combining_class = 0;   ///< marks stand in the order of these classes, 0 stays in place
  std::u32string decomposition;  ///< folded and decomposed, not ordered; of an ignorable one empty
};

/// Of a Unicode scalar value. Syllables of Hangul are given whole: decomposing and composing them
/// is a matter of arithmetic.
CharacterData character_data(char32_t code_point, const TextForm& form);

/// NFC makes `whole` of the two.
struct Composition {
  char32_t first, second, whole;
};

/// All there are but those of Hangul, in ascending order of `whole`.
std::vector<Composition> compositions();

}  // namespace ockham
