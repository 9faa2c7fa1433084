#pragma once

#include <cstdint>
#include <vector>

#include "ockham/bayes/product.hpp"
#include "ockham/nn/packed_batch.hpp"

namespace ockham {

/// The words of a mini-batch that need a product of their own, and where their tokens stand: each
/// word once or, where weights differ between sequences, each word of each sequence once or, where
/// they differ between time steps, every token.
struct DistinctWords {
  DistinctWords(const TokenBatch& batch, size_t vocabulary, NoiseScope scope);

  std::vector<uint32_t> words;    ///< [distinct] rows of the embedding, in order of appearance
  std::vector<uint32_t> draws;    ///< [distinct] the sequence or token that it is drawn for; empty
                                  ///< where the scope is the batch
  std::vector<uint32_t> number;   ///< [tokens] which distinct word a token is
  std::vector<uint32_t> begin;    ///< [distinct + 1] each word's tokens in by_word
  std::vector<uint32_t> by_word;  ///< [tokens] tokens grouped by word, in order inside a group
  std::vector<uint32_t> place;    ///< [tokens] where each token stands in by_word
};

}  // namespace ockham
