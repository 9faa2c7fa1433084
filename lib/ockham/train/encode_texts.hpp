#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/text/encoded_corpus.hpp"
#include "ockham/text/tokenizer.hpp"
#include "ockham/text/vocabulary.hpp"

namespace ockham {

/// encode_corpus() on all threads: the same result.
EncodedCorpus encode_texts(const Dataset& dataset, std::span<const uint32_t> indices,
                           const Tokenizer& tokenizer, const Vocabulary& vocabulary,
                           size_t max_tokens, ThreadPool& pool);

/// Marks the length tokens (TrainingSet::lasting). Word dropout shortens a text and must not take
/// the word that says how long it was, or the network learns to go by how many words are left.
std::vector<uint8_t> length_words(const Vocabulary& vocabulary);

}  // namespace ockham
