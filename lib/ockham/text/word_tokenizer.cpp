#include "ockham/text/word_tokenizer.hpp"

#include "ockham/text/ascii_tokens.hpp"
#include "ockham/text/byte_tokens.hpp"
#include "ockham/text/length_token.hpp"
#include "ockham/text/unicode.hpp"

namespace ockham {
namespace {

// Where a block is not for split_ascii(), so many bytes go one by one before it is tried again: in
// texts without ASCII it costs little then.
constexpr size_t kByteStretch = 64;

}  // namespace

void WordTokenizer::split(std::string_view piece, TokenBuffer& tokens) const {
  normalize_text(piece, text_form(options_), tokens.bytes);
  tokens.extents.clear();
  for (size_t at = 0; at < tokens.bytes.size();) {
    at = split_ascii(tokens.bytes, at, options_.punctuation, tokens.extents);
    at = split_bytes(tokens, at, at + kByteStretch, options_.punctuation);
  }
}

void WordTokenizer::close(size_t count, TokenBuffer& tokens) const {
  put_length_token(options_.length_token ? count : 0, tokens);
}

}  // namespace ockham
