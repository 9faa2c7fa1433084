#pragma once

#include <cstddef>

#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// Adds the tokens of a normalised text (tokens.bytes) from the byte `from` on, going from byte to
/// byte, whatever they are: WordTokenizer's rules in full. `from` is the text's start, a space or
/// behind one, and the tokens in front of it are there. Stops at the first space of ASCII (or one
/// of its control characters) from `stop_from` on, and gives back where that is, or the text's end.
size_t split_bytes(TokenBuffer& tokens, size_t from, size_t stop_from, bool punctuation);

}  // namespace ockham
