#include "ockham/text/text_pieces.hpp"

#include <algorithm>

namespace ockham {
namespace {

constexpr size_t kBytesBehind = 2;     // of the next word, that is_end() looks at
constexpr size_t kCharacterBytes = 4;  // the longest character

bool is_ascii_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Two letters behind the space: no mark to compose, and no "n't" that belongs to the word before.
bool is_end(std::string_view text, size_t space) {
  return text[space] == ' ' && is_ascii_word(text[space - 1]) && is_ascii_word(text[space + 1]) &&
         is_ascii_word(text[space + 2]);
}

}  // namespace

size_t character_start(std::string_view text, size_t at) {
  const auto continues = [&](size_t i) { return (static_cast<unsigned char>(text[i]) >> 6) == 2; };
  size_t start = at;
  while (at - start < kCharacterBytes - 1 && continues(start)) --start;
  return continues(start) ? at : start;
}

size_t piece_length(std::string_view rest, bool complete) {
  if (rest.size() <= kPieceBytes) return complete ? rest.size() : 0;
  const size_t seen = rest.size() - std::min(rest.size(), kBytesBehind);
  const size_t last = std::min(seen, kMostPieceBytes);
  for (size_t i = kPieceBytes; i < last; ++i) {
    if (is_end(rest, i)) return i + 1;
  }
  if (rest.size() > kMostPieceBytes + kBytesBehind) return character_start(rest, kMostPieceBytes);
  return complete ? rest.size() : 0;
}

}  // namespace ockham
