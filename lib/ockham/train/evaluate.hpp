#pragma once

#include "ockham/nn/network.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// Class probabilities [texts, classes] of a set under the posterior's expectation, with what is
/// pruned at 0.
Matrix predict_set(const Network& network, const TrainingSet& set, ThreadPool& pool);

}  // namespace ockham
