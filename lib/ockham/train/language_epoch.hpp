#pragma once

#include <cstdint>

#include "ockham/nn/network.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/train/epoch.hpp"
#include "ockham/train/optimizer.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// Takes one pass over the texts of a set, whose labels do not count, as a language model
/// (NextWordPass): semi-supervised sequence learning (Dai & Le 2015), where the network that
/// results is what a classifier starts from. `step` counts all steps of the run and is advanced.
/// Returns the mean loss of a predicted word in nats, among itself and 512 words drawn by
/// frequency. Throws Error when it is no number.
double run_language_epoch(Network& network, Optimizer& optimizer, const TrainingSet& set,
                          const EpochSettings& settings, uint32_t& step, ThreadPool& pool);

}  // namespace ockham
