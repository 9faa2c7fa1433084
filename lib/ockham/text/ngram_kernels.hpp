#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// Loops over a block of words or n-grams, in vectors (hash.hpp, NgramHashing).

/// hash_bytes() of the tokens from the first-th on.
void hash_words(const TokenBuffer& tokens, size_t first, std::span<uint64_t> hashes);

/// The n-grams one word longer: ngrams[i] = extend(ngrams[i - 1], words[i]), where `before` takes
/// the place of ngrams[-1]. Gives back the last of `ngrams` as it was.
uint64_t extend_all(std::span<const uint64_t> words, uint64_t before, std::span<uint64_t> ngrams);

/// mixed[i] = mix_bits(numbers[i] + offset). The two may be the same.
void mix_all(std::span<const uint64_t> numbers, uint64_t offset, std::span<uint64_t> mixed);

}  // namespace ockham
