#pragma once

#include <cstdint>

#include "ockham/nn/network.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/encoded_corpus.hpp"
#include "ockham/train/epoch.hpp"
#include "ockham/train/optimizer.hpp"

namespace ockham {

/// Takes one pass over texts as a language model (NextWordPass): semi-supervised sequence learning
/// (Dai & Le 2015), where the network that results is what a classifier starts from. `step` counts
/// all steps of the run and is advanced. Returns the mean loss of a predicted word in nats, among
/// itself and 512 words drawn by frequency. Throws Error when it is no number.
double run_language_epoch(Network& network, Optimizer& optimizer, const EncodedCorpus& texts,
                          const EpochSettings& settings, uint32_t& step, ThreadPool& pool);

}  // namespace ockham
