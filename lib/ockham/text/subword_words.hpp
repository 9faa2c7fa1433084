#pragma once

#include <string_view>

#include "ockham/text/unicode.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {

/// How a subword begins that begins a word, as SentencePiece writes it: U+2581. A text's own ones
/// count as white space, so that the mark means nothing else.
inline constexpr std::string_view kWordMark = "\xE2\x96\x81";
inline constexpr char32_t kWordMarkCodePoint = 0x2581;

/// Calls visit(word) for what is parted by white space in a normalised text; without `punctuation`
/// (is_punctuation()) also by punctuation, but for apostrophes inside words.
template <typename Visit>
void visit_words(std::string_view text, bool punctuation, const Visit& visit) {
  const auto starts_word = [&](size_t at) {
    return at < text.size() &&
           character_kind(decode_utf8(text.substr(at)).code_point) == CharacterKind::kWord;
  };
  size_t begin = 0;
  bool in_word = false;  // whether the character before is a word character
  for (size_t at = 0; at < text.size();) {
    const DecodedCharacter character = decode_utf8(text.substr(at));
    const CharacterKind kind = character_kind(character.code_point);
    const size_t end = at + character.length;
    bool separates = kind == CharacterKind::kSpace || character.code_point == kWordMarkCodePoint;
    if (!punctuation && kind == CharacterKind::kApostrophe) {
      separates = !(in_word && starts_word(end));
    } else if (!punctuation && !separates) {
      separates = is_punctuation(character.code_point);
    }
    in_word = kind == CharacterKind::kWord;
    if (separates) {
      if (at > begin) visit(text.substr(begin, at - begin));
      begin = end;
    }
    at = end;
  }
  if (text.size() > begin) visit(text.substr(begin));
}

}  // namespace ockham
