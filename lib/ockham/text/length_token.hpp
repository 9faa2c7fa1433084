#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// How every length token begins.
inline constexpr std::string_view kLengthTokenStart = "<length:";

/// Models forget words, and with them how long a text was. Where that tells, the length token keeps
/// it: `<length:24-26>`, one of eight steps for each doubling of the number of tokens. Replaces
/// `tokens` by the token of a text of `count` tokens; by nothing where it has none.
void put_length_token(size_t count, TokenBuffer& tokens);

/// Every length token that there is.
std::vector<std::string> all_length_tokens();

/// Whether an n-gram is a length token and nothing else.
bool is_length_token(std::string_view ngram);

}  // namespace ockham
