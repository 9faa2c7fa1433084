#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ockham/nn/loss.hpp"
#include "ockham/nn/packed_batch.hpp"
#include "ockham/tensor/matrix.hpp"
#include "ockham/tensor/noise.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/text/encoded_corpus.hpp"

namespace ockham {

/// Encoded texts with what the loss wants of them.
struct TrainingSet {
  EncodedCorpus corpus;
  std::vector<uint32_t> texts;   ///< each text's number in its file, for noise
  Matrix targets;                ///< [texts, outputs]; one column for two classes
  std::vector<float> weights;    ///< [texts]
  std::vector<uint32_t> labels;  ///< [texts] class, for accuracy

  size_t size() const { return texts.size(); }
};

/// Number of outputs that serve so many classes: one sigmoid for two, a softmax of all otherwise.
size_t output_count(OutputKind kind, size_t classes);

/// Targets of the given texts of a dataset; the corpus is theirs, in the same order.
TrainingSet make_training_set(const Dataset& dataset, std::span<const uint32_t> indices,
                              EncodedCorpus corpus, OutputKind kind);

/// Chosen texts as a mini-batch. `word_dropout`: each token is left out with this probability
/// (noise null or 0: none); the others are not rescaled.
TokenBatch make_batch(const TrainingSet& set, std::span<const uint32_t> members, float word_dropout,
                      const NoiseSource* noise);

}  // namespace ockham
