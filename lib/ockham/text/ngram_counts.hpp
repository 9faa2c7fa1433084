#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ockham/tensor/mapped_vector.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/text/encoded_corpus.hpp"
#include "ockham/text/string_table.hpp"
#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// The frequent n-grams of one length in a list of texts.
struct NgramLevel {
  static constexpr uint32_t kNone = UINT32_MAX;

  MappedVector<uint32_t> at;          ///< per token position: the n-gram that ends there, or kNone
  std::vector<uint32_t> counts = {};  ///< per n-gram: occurrences
  std::vector<uint32_t> prefix = {};  ///< per n-gram: all but its last word, of the level before
  std::vector<uint32_t> word = {};    ///< per n-gram: its last word, a number of the first level

  size_t size() const { return counts.size(); }
};

/// All n-grams of 1 .. levels.size() words that occur often enough, with the texts they stand in.
struct NgramCounts {
  StringTable words;                      ///< every distinct token
  std::vector<uint64_t> text_offsets{0};  ///< text i holds the positions [i], [i + 1)
  std::vector<NgramLevel> levels;         ///< levels[0]: `word` is a number of `words`

  size_t texts() const { return text_offsets.size() - 1; }
  std::string ngram(size_t level, uint32_t id) const;
};

/// Tokenises the given texts once and counts their n-grams up to `max_length` words (at least 1);
/// keeps those of at least `min_count` occurrences. Numbers follow the first occurrence.
/// Four bytes per token and length go to the place of the dataset's texts; memory beyond it grows
/// with the number of different n-grams.
NgramCounts count_ngrams(const Dataset& dataset, std::span<const uint32_t> indices,
                         const Tokenizer& tokenizer, uint32_t max_length, uint32_t min_count);

/// The counted texts in the numbers of a vocabulary of some of these n-grams, without a second
/// tokenizing: what encode_corpus() gives for them. `number_of[level][id]`: in the vocabulary, or
/// kNone.
EncodedCorpus encode_counted(const NgramCounts& counts,
                             std::span<const std::vector<uint32_t>> number_of,
                             size_t max_tokens = 0);

}  // namespace ockham
