#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ockham {

/// How a deployable file holds the n-grams of a vocabulary of words; docs/format.md states it.

/// N-grams in ascending order of their bytes, all different. Throws Error for one that is not 1 to
/// NgramVocabulary::kMaxLength words joined by single spaces, or longer than a file can hold;
/// `source` names the file in messages.
std::string encode_ngrams(const std::vector<std::string>& ngrams, const std::string& source);

/// Told how many bytes n-grams want in memory before they are allocated; throws where those are too
/// many.
using NgramGrant = std::function<void(uint64_t bytes)>;

/// The `count` n-grams of what encode_ngrams() gave. Throws Error for whatever it did not give.
std::vector<std::string> decode_ngrams(uint64_t count, std::string_view bytes,
                                       const NgramGrant& grant, const std::string& source);

/// The same of older files, whose n-grams were spelt one behind the other.
std::vector<std::string> decode_spelt_ngrams(uint64_t count, std::string_view bytes,
                                             const NgramGrant& grant, const std::string& source);

}  // namespace ockham
