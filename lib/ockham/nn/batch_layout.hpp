#pragma once

#include "ockham/nn/distinct_words.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/nn/packed_batch.hpp"
#include "ockham/tensor/noise.hpp"

namespace ockham {

/// How a mini-batch's tokens go through a network. It depends on the batch and on what the network
/// draws for what (NoiseScope), never on weights: it can be made ahead, for several mini-batches at
/// once.
struct BatchLayout {
  /// `noise`: null where the pass has none; only that is looked at.
  BatchLayout(const Network& network, const TokenBatch& batch, const NoiseSource* noise);

  /// The nearest among what a word's input is made of, its multiplier apart.
  static NoiseScope word_scope(const Network& network, const NoiseSource* noise);

  NoiseScope scope;  ///< word_scope()
  PackedBatch packed;
  DistinctWords distinct;
};

}  // namespace ockham
