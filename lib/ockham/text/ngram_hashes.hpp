#pragma once

#include <cstdint>
#include <vector>

#include "ockham/text/dataset.hpp"
#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// The different n-grams of some texts by their hashes (NgramHashing::extend()), and how often each
/// occurs.
struct NgramHashes {
  std::vector<uint64_t> hashes;  ///< ascending
  std::vector<uint32_t> counts;
  bool all = true;  ///< of all texts, else of the first ones
};

/// Those of 1 .. max_length words in the first texts, as many as hold some `most` n-grams: 16 bytes
/// of memory for each of them.
NgramHashes count_ngram_hashes(const Dataset& dataset, const Tokenizer& tokenizer,
                               uint32_t max_length, size_t most = 20'000'000);

/// The hash of an n-gram, words joined with one space.
uint64_t hash_ngram(std::string_view ngram);

}  // namespace ockham
