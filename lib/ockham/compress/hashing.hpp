#pragma once

#include <cstdint>
#include <optional>

#include "ockham/compress/folded_model.hpp"
#include "ockham/text/ngram_hashes.hpp"

namespace ockham {

/// How well a hash keeps a model's n-grams apart.
struct HashFit {
  NgramHashing hashing;
  uint64_t hits = 0;        ///< n-grams of the texts that the model knows
  uint64_t false_hits = 0;  ///< others that fall into a bucket of one that it knows
  size_t merged = 0;        ///< known n-grams that have to share a bucket with another
};

/// What of known n-grams may be false hits where the number of bits is not given: with more of
/// them, accuracy is lost; with fewer, a bit more for each n-gram is.
constexpr double kFalseHitShare = 0.005;

/// Chooses the seed, out of 64, with the fewest merged n-grams and then the fewest false hits on
/// the texts, and, unless they are given, the fewest bits whose share of false hits among hits is
/// at most kFalseHitShare. Without texts (empty) bits are 24 unless they are given. Throws Error
/// for a model whose n-grams are hashed already.
HashFit fit_hash(const FoldedModel& model, const NgramHashes& texts, std::optional<uint32_t> bits);

/// How a hashed vocabulary does on texts: in each of its buckets the n-gram that the texts have
/// most often is taken for the one that it stands for, all others are false hits.
HashFit count_hits(const HashedVocabulary& vocabulary, const NgramHashes& texts);

/// The model with its n-grams known by their buckets. Of those that share one, the row with the
/// largest weights stays.
FoldedModel hash_ngrams(FoldedModel model, const NgramHashing& hashing);

}  // namespace ockham
