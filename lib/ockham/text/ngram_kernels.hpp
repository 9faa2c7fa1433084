#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ockham/text/hash_filter.hpp"
#include "ockham/text/ngram_hashing.hpp"
#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// Loops over a block of words or n-grams, in vectors (hash.hpp, NgramHashing).

/// hash_bytes() of the tokens from the first-th on.
void hash_words(const TokenBuffer& tokens, size_t first, std::span<uint64_t> hashes);

/// The n-grams one word longer: ngrams[i] = extend(ngrams[i - 1], words[i]), where `before` takes
/// the place of ngrams[-1]. Gives back the last of `ngrams` as it was.
uint64_t extend_all(std::span<const uint64_t> words, uint64_t before, std::span<uint64_t> ngrams);

constexpr size_t kFilterBlock = 256;  ///< n-grams at most in filter_all()

/// A bit for each n-gram of a block: that of n-gram i is bit i % 64 of number i / 64.
using FilterBits = std::array<uint64_t, kFilterBlock / 64>;

/// The buckets of up to kFilterBlock n-grams, and whether the filter may hold each. Bits behind the
/// last n-gram are 0. The filter goes by no more upper bits of a hash than a bucket has.
void filter_all(std::span<const uint64_t> ngrams, const NgramHashing& hashing,
                const HashFilter& filter, std::span<uint32_t> buckets, FilterBits& may_hold);

}  // namespace ockham
