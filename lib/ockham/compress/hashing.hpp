#pragma once

#include <cstdint>
#include <optional>

#include "ockham/compress/folded_model.hpp"
#include "ockham/text/ngram_hashes.hpp"

namespace ockham {

/// How well a hash keeps a model's n-grams apart.
struct HashFit {
  NgramHashing hashing;
  uint64_t hits = 0;  ///< how often the texts have n-grams that the model knows
  /// How often others, that fall into a bucket of one that it knows: by all characters that the
  /// texts have, also those that hash_ngrams() keeps from it.
  uint64_t false_hits = 0;
  bool all_texts = true;  ///< else in the first ones, which hold many n-grams
  size_t known = 0;       ///< n-grams that the model had before
  size_t merged = 0;      ///< those of them that have to share a bucket with another
};

/// What of known n-grams may be false hits where the number of bits is not given: with more of
/// them, accuracy is lost; with fewer, a bit more for each n-gram is.
constexpr double kFalseHitShare = 0.005;

/// Chooses the seed: of 64 the four that merge the fewest n-grams are tried on the texts, and of
/// those that merge the fewest the one with the fewest false hits is taken; one by which tokens
/// with unknown characters are known (kOtherToken) comes last. Unless they are given, bits are the
/// fewest, from 14 on, that merge nothing and whose share of false hits among hits is at most
/// kFalseHitShare; 24 where none do, and without texts (empty). Throws Error for a model whose
/// n-grams are hashed already.
HashFit fit_hash(const FoldedModel& model, const NgramHashes& texts, std::optional<uint32_t> bits);

/// How a hashed vocabulary does on texts, as far as they tell: in each bucket the n-gram that they
/// have most often is taken for the one that it stands for, so that false hits are at least as
/// many.
HashFit count_hits(const HashedVocabulary& vocabulary, const NgramHashes& texts);

/// The model with its n-grams known by their buckets. Of those that share one, the row with the
/// largest weights stays. Its tokenizer is told of the n-grams' characters (told_of()).
FoldedModel hash_ngrams(FoldedModel model, const NgramHashing& hashing);

}  // namespace ockham
