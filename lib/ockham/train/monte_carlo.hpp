#pragma once

#include <cstddef>

#include "ockham/model/classifier.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/encoded_corpus.hpp"
#include "ockham/train/metrics.hpp"

namespace ockham {

/// Class probabilities of texts under `samples` draws of a model's weights and multipliers, with
/// what is pruned at 0. A text's noise depends on its n-grams, the sample's number and the model's
/// seed: not on where it stands, what stands beside it, or the number of threads.
/// Throws Error where nothing in the model is drawn.
MonteCarloSummary sample_predictions(const Classifier& model, const EncodedCorpus& corpus,
                                     size_t samples, ThreadPool& pool);

}  // namespace ockham
