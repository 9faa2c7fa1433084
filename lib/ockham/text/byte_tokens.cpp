#include "ockham/text/byte_tokens.hpp"

#include <algorithm>
#include <array>

#include "ockham/text/ascii_tokens.hpp"
#include "ockham/text/unicode.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

enum class ByteKind : uint8_t { kSpace, kWord, kApostrophe, kMark, kNonAscii };

constexpr std::array<ByteKind, 256> kByteKinds = [] {
  std::array<ByteKind, 256> kinds{};
  for (size_t byte = 0; byte < kinds.size(); ++byte) {
    const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    const bool digit = byte >= '0' && byte <= '9';
    kinds[byte] = byte >= 0x80                  ? ByteKind::kNonAscii
                  : letter || digit             ? ByteKind::kWord
                  : byte == '\''                ? ByteKind::kApostrophe
                  : byte <= ' ' || byte == 0x7F ? ByteKind::kSpace
                                                : ByteKind::kMark;
  }
  return kinds;
}();

/// Walks over a normalised text. Every look-ahead may read the byte after the last one, which is
/// the string's closing NUL, a space.
class Splitter {
 public:
  Splitter(TokenBuffer& tokens, bool punctuation)
      : tokens_(tokens), text_(tokens.bytes), punctuation_(punctuation) {}

  size_t run(size_t at, size_t stop_from) {
    while (at < text_.size()) {
      switch (kind(at)) {
        case ByteKind::kSpace:
          if (at >= stop_from) return at;
          ++at;
          break;
        case ByteKind::kWord:
          at = add_word(at, word_end(at + 1));
          break;
        case ByteKind::kApostrophe:
          at = add_apostrophe(at);
          break;
        case ByteKind::kMark:
          at = add_mark(at, at + 1, true);
          break;
        case ByteKind::kNonAscii:
          at = add_non_ascii(at);
          break;
      }
    }
    return at;
  }

 private:
  ByteKind kind(size_t at) const { return kByteKinds[static_cast<uint8_t>(text_.data()[at])]; }

  size_t add(size_t begin, size_t end) {
    tokens_.extents.push_back({begin, end - begin});
    return end;
  }

  size_t add_mark(size_t begin, size_t end, bool is_punctuation) {
    return is_punctuation && !punctuation_ ? end : add(begin, end);
  }

  /// The length of the word character at `at`, or 0 if what stands there is something else.
  size_t word_character(size_t at) const {
    if (kind(at) != ByteKind::kNonAscii) return kind(at) == ByteKind::kWord ? 1 : 0;
    const DecodedCharacter character = decode_utf8(text_.substr(at));
    return character_kind(character.code_point) == CharacterKind::kWord ? character.length : 0;
  }

  /// The end of the word that reaches to `at` at least.
  size_t word_end(size_t at) const {
    for (;;) {
      while (kind(at) == ByteKind::kWord) ++at;
      const bool apostrophe = kind(at) == ByteKind::kApostrophe;
      if (!apostrophe && kind(at) != ByteKind::kNonAscii) return at;
      const size_t next = apostrophe ? at + 1 : at;
      const size_t length = word_character(next);
      if (length == 0) return at;
      at = next + length;
    }
  }

  size_t add_non_ascii(size_t at) {
    const DecodedCharacter character = decode_utf8(text_.substr(at));
    const size_t end = at + character.length;
    switch (character_kind(character.code_point)) {
      case CharacterKind::kSpace:
        return end;
      case CharacterKind::kWord:
        return add_word(at, word_end(end));
      default:
        return add_mark(at, end, is_punctuation(character.code_point));
    }
  }

  size_t add_word(size_t begin, size_t end) {
    const std::string_view word = text_.substr(begin, end - begin);
    if ((word == "n't" || word == "N'T") && join_to_previous(begin, end)) return end;
    return add(begin, end);
  }

  /// An apostrophe with no word character in front of it.
  size_t add_apostrophe(size_t at) {
    size_t end = at + 1;
    while (kind(end) == ByteKind::kWord) ++end;
    const bool ends_there = kind(end) == ByteKind::kSpace || kind(end) == ByteKind::kMark;
    const bool joined = ends_there && is_contraction(text_.substr(at + 1, end - at - 1)) &&
                        join_to_previous(at, end);
    return joined ? end : add_mark(at, at + 1, true);
  }

  /// Joins "it 's" and "do n't", as treebanks write them, to "it's" and "don't": moves the bytes
  /// one to the left if nothing but a space parts them from a word.
  bool join_to_previous(size_t begin, size_t end) {
    if (tokens_.extents.empty() || text_[begin - 1] != ' ') return false;
    TokenBuffer::Extent& previous = tokens_.extents.back();
    const size_t previous_end = previous.begin + previous.length;
    if (previous_end != begin - 1 || kind(previous_end - 1) != ByteKind::kWord) return false;
    char* bytes = tokens_.bytes.data();
    std::copy(bytes + begin, bytes + end, bytes + begin - 1);
    previous.length += end - begin;
    return true;
  }

  TokenBuffer& tokens_;
  std::string_view text_;
  bool punctuation_;
};

}  // namespace

size_t split_bytes(TokenBuffer& tokens, size_t from, size_t stop_from, bool punctuation) {
  return Splitter(tokens, punctuation).run(from, stop_from);
}

}  // namespace ockham
