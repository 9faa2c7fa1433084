#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ockham/nn/packed_batch.hpp"
#include "ockham/tensor/matrix.hpp"
#include "ockham/tensor/noise.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/text/encoded_corpus.hpp"
#include "ockham/text/label_lists.hpp"

namespace ockham {

/// Marks a text whose targets are its labels.
inline constexpr uint32_t kNoSoftTarget = UINT32_MAX;

/// Encoded texts with what the loss wants of them.
struct TrainingSet {
  EncodedCorpus corpus;
  std::vector<uint32_t> texts;   ///< each text's number in its file, for noise
  std::vector<float> weights;    ///< [texts]; WeightScale says of what mean
  LabelLists labels;             ///< [texts] classes; one each, unless a text may have several
  std::vector<uint8_t> lasting;  ///< [words] 1: word dropout never takes it; empty: it may take all
  std::vector<uint32_t> soft;    ///< [texts] its row of soft_targets, or kNoSoftTarget; or empty
  std::vector<float> soft_targets;  ///< [rows, outputs] of texts that have these instead of labels
  /// From this text on they are made up, and word dropout takes nothing: their targets are of all
  /// their words. (Real texts with soft targets for some labels need it for the others.)
  size_t first_whole = SIZE_MAX;

  size_t size() const { return texts.size(); }
};

/// What the weights of texts are measured by: their own mean, or the 1 of made-up texts that are
/// to stand beside them.
enum class WeightScale { own_mean, one };

/// The given texts of a dataset; the corpus is theirs, in the same order.
TrainingSet make_training_set(const Dataset& dataset, std::span<const uint32_t> indices,
                              EncodedCorpus corpus, WeightScale scale = WeightScale::own_mean);

/// A copy without the words of the vocabulary that are not kept; kept[i] gets number i.
TrainingSet with_words(const TrainingSet& set, std::span<const uint32_t> kept, size_t vocabulary);

/// What the loss wants of chosen texts, [members, outputs]: 1 for their classes. A single output
/// stands for the second of two classes.
Matrix targets_of(const TrainingSet& set, std::span<const uint32_t> members, size_t outputs);

/// Has texts fetched that are the next mini-batch, in case that they are not in memory.
void prefetch(const EncodedCorpus& corpus, std::span<const uint32_t> members);

/// Leaves only the words `kept` of `words` in the set, numbered as they stand there.
void keep_words(TrainingSet& set, std::span<const uint32_t> kept, size_t words);

/// Chosen texts as a mini-batch. `word_dropout`: each token that is not a lasting word, nor of a
/// whole text, is left out with this probability (noise null or 0: none); the others are not
/// rescaled.
TokenBatch make_batch(const TrainingSet& set, std::span<const uint32_t> members, float word_dropout,
                      const NoiseSource* noise);

}  // namespace ockham
