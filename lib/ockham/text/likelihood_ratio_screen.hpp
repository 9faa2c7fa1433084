#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "ockham/text/dataset.hpp"
#include "ockham/text/encoded_corpus.hpp"
#include "ockham/text/likelihood_ratio.hpp"
#include "ockham/text/tokenizer.hpp"
#include "ockham/text/vocabulary.hpp"

namespace ockham {

struct ScreenOptions {
  uint32_t max_length = 2;           ///< words in an n-gram, 1 .. NgramVocabulary::kMaxLength
  uint32_t min_count = 4;            ///< occurrences that an n-gram needs
  size_t frequency_limit = 100'000;  ///< only so many of the most frequent are looked at; 0: all
  double threshold = 8;              ///< likelihood ratio in nats that an n-gram must exceed
  bool several_labels = false;       ///< classes do not exclude each other: class_threshold alone
  /// Or that it must exceed for one class against all others; infinite: only the former counts.
  double class_threshold = std::numeric_limits<double>::infinity();
  size_t most_telling = 0;  ///< at most so many, those of the highest ratio; 0: no limit
  /// So many texts of further classes are there besides, which hold none of the n-grams.
  uint64_t other_texts = 0;
  size_t max_tokens = 0;  ///< where `encoded` is cut, as by TextEncoder
};

/// For each n-gram the classes whose texts hold it: n-gram i has entries offsets[i] ..
/// offsets[i + 1], ascending by class, without zeros.
struct NgramClassCounts {
  std::vector<uint64_t> offsets{0};
  std::vector<uint32_t> classes;
  std::vector<uint32_t> texts;  ///< of that class that hold the n-gram at least once

  std::span<const uint32_t> classes_of(size_t i) const {
    return {classes.data() + offsets[i], classes.data() + offsets[i + 1]};
  }
  std::span<const uint32_t> texts_of(size_t i) const {
    return {texts.data() + offsets[i], texts.data() + offsets[i + 1]};
  }
};

struct ScreenResult {
  Vocabulary vocabulary;       ///< by descending ratio, equal ones bytewise
  std::vector<double> ratios;  ///< of each n-gram, in nats
  NgramClassCounts class_counts;
  std::vector<uint32_t> ngram_texts;  ///< how many texts hold each n-gram
  std::vector<uint64_t> class_texts;  ///< the screened texts of each class
  uint64_t texts = 0;                 ///< all screened texts
  size_t candidates = 0;              ///< frequent n-grams before the threshold
  EncodedCorpus encoded;              ///< the screened texts, as encode_corpus() gives them
};

/// Chooses the n-grams worth a place in a model, looking at nothing but the given texts and their
/// labels.
ScreenResult select_ngrams(const Dataset& dataset, std::span<const uint32_t> indices,
                           const Tokenizer& tokenizer, const ScreenOptions& options);

/// The same for the buckets that n-grams fall into. A bucket counts as frequent, and as standing in
/// a text, with all n-grams together that share it; as many as are to be expected fall into those
/// that are chosen, in the texts as later in others. `hashing.max_length` holds, not the option.
ScreenResult select_buckets(const Dataset& dataset, std::span<const uint32_t> indices,
                            const Tokenizer& tokenizer, const NgramHashing& hashing,
                            const ScreenOptions& options);

}  // namespace ockham
