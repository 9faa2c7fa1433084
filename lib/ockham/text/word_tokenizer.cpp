#include "ockham/text/word_tokenizer.hpp"

#include <algorithm>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/ascii_tokens.hpp"
#include "ockham/text/byte_tokens.hpp"
#include "ockham/text/length_token.hpp"
#include "ockham/text/unicode.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

// Where something is not for split_ascii(), so many bytes go one by one before it is tried again:
// twice as many each time that it comes less far than pays, so that texts that are never for it
// (treebanks' parted contractions, other scripts) take no more time than without it.
constexpr size_t kLeastStretch = 64, kMostStretch = 4096;
constexpr size_t kPayingStretch = 256;

constexpr char32_t kFirstBeyondAscii = 0x80;

}  // namespace

WordTokenizer::WordTokenizer(TokenizerOptions options, std::optional<std::u32string> characters)
    : options_(options), characters_(std::move(characters)) {
  if (!characters_) return;
  char32_t least = kFirstBeyondAscii;
  for (const char32_t c : *characters_) {
    if (c < least) fail("the characters that tokens may hold do not ascend, or are of ASCII");
    if ((c >= 0xD800 && c < 0xE000) || c > 0x10FFFF) fail("number ", uint32_t{c}, " is of no character");
    least = c + 1;
  }
}

void WordTokenizer::split(std::string_view piece, TokenBuffer& tokens) const {
  normalize_text(piece, text_form(options_), tokens.bytes);
  tokens.extents.clear();
  size_t stretch = kLeastStretch;
  for (size_t at = 0; at < tokens.bytes.size();) {
    const size_t reached = split_ascii(tokens.bytes, at, options_.punctuation, tokens.extents);
    stretch = reached - at < kPayingStretch ? std::min(2 * stretch, kMostStretch) : kLeastStretch;
    at = split_bytes(tokens, reached, reached + stretch, options_.punctuation);
  }
  if (characters_) replace_others(tokens);
}

bool WordTokenizer::knows_characters(std::string_view token) const {
  for (size_t at = ascii_prefix(token); at < token.size(); at += ascii_prefix(token.substr(at))) {
    const DecodedCharacter character = decode_utf8(token.substr(at));
    if (!std::ranges::binary_search(*characters_, character.code_point)) return false;
    at += character.length;
  }
  return true;
}

/// Goes from one character beyond ASCII to the next. The normalised text stays as it is, what
/// others become stands behind it.
void WordTokenizer::replace_others(TokenBuffer& tokens) const {
  const size_t end = tokens.bytes.size();
  const auto text = [&] { return std::string_view(tokens.bytes).substr(0, end); };
  auto token = tokens.extents.begin();
  for (size_t at = ascii_prefix(text()); at < end;) {
    const auto ends_behind = [&](const TokenBuffer::Extent& e) { return e.begin + e.length > at; };
    token = std::find_if(token, tokens.extents.end(), ends_behind);
    if (token == tokens.extents.end()) return;
    size_t next = at + 1;  // where it is in no token
    if (token->begin <= at) {
      const bool known = knows_characters(text().substr(token->begin, token->length));
      next = token->begin + token->length;
      if (!known) {
        if (tokens.bytes.size() == end) tokens.bytes += kOtherToken;
        *token++ = {end, kOtherToken.size()};
      }
    }
    at = next + ascii_prefix(text().substr(next));
  }
}

void WordTokenizer::close(size_t count, TokenBuffer& tokens) const {
  put_length_token(options_.length_token ? count : 0, tokens);
}

}  // namespace ockham
