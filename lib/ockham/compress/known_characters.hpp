#pragma once

#include <memory>
#include <optional>
#include <string>

#include "ockham/text/dataset.hpp"
#include "ockham/text/hashed_vocabulary.hpp"
#include "ockham/text/ngram_hashes.hpp"
#include "ockham/text/ngram_vocabulary.hpp"
#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// Characters beyond ASCII that a tokenizer is told of at most: each takes a byte or two of a
/// deployable file.
constexpr size_t kMostCharacters = 64;

/// The characters beyond ASCII of known n-grams, ascending. Nothing where there are more than
/// kMostCharacters.
std::optional<std::u32string> known_characters(const NgramVocabulary& words);

/// The same of n-grams that are known by their hashes, as far as texts tell which they are: in each
/// bucket the one that they have most often. `counts`: of the n-grams of these texts.
std::optional<std::u32string> known_characters(const HashedVocabulary& hashed,
                                               const Tokenizer& tokenizer, const Dataset& texts,
                                               const NgramHashes& counts);

/// A tokenizer of words that takes all tokens with other characters for one (WordTokenizer): what
/// cannot be known hits no bucket then, and programs that cut texts need no tables of all of
/// Unicode. Other tokenizers as they are, and where there are no characters.
std::shared_ptr<const Tokenizer> told_of(const std::optional<std::u32string>& characters,
                                         std::shared_ptr<const Tokenizer> tokenizer);

}  // namespace ockham
