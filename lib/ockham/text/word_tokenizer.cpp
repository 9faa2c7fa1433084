#include "ockham/text/word_tokenizer.hpp"

#include <algorithm>

#include "ockham/text/ascii_tokens.hpp"
#include "ockham/text/byte_tokens.hpp"
#include "ockham/text/length_token.hpp"
#include "ockham/text/unicode.hpp"

namespace ockham {
namespace {

// Where something is not for split_ascii(), so many bytes go one by one before it is tried again:
// twice as many each time that it comes less far than pays, so that texts that are never for it
// (treebanks' parted contractions, other scripts) take no more time than without it.
constexpr size_t kLeastStretch = 64, kMostStretch = 4096;
constexpr size_t kPayingStretch = 256;

}  // namespace

void WordTokenizer::split(std::string_view piece, TokenBuffer& tokens) const {
  normalize_text(piece, text_form(options_), tokens.bytes);
  tokens.extents.clear();
  size_t stretch = kLeastStretch;
  for (size_t at = 0; at < tokens.bytes.size();) {
    const size_t reached = split_ascii(tokens.bytes, at, options_.punctuation, tokens.extents);
    stretch = reached - at < kPayingStretch ? std::min(2 * stretch, kMostStretch) : kLeastStretch;
    at = split_bytes(tokens, reached, reached + stretch, options_.punctuation);
  }
}

void WordTokenizer::close(size_t count, TokenBuffer& tokens) const {
  put_length_token(options_.length_token ? count : 0, tokens);
}

}  // namespace ockham
