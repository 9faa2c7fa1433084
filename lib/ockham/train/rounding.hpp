#pragma once

#include <cstddef>
#include <cstdint>

#include "ockham/compress/folded_model.hpp"
#include "ockham/compress/weight_format.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// The model with the weights that its file gives back.
FoldedModel round_model(const FoldedModel& model, WeightFormat format);

/// Rounds the weights of a plain network (plain_network()) as a deployable file holds them.
void round_network(WeightFormat format, Network& network);

struct RoundingSettings {
  WeightFormat format = WeightFormat::int8;
  size_t epochs = 0;
  double rate = 2e-3;    ///< falls to 0
  double dropout = 0.5;  ///< word dropout
  size_t batch = 128;
  double max_norm = 5.0;
  uint64_t seed = 1;
};

/// Trains a folded model for the weights that its file will hold: each step passes through rounded
/// weights and moves the weights themselves (Bengio et al. 2013, "straight through"; Hubara et al.
/// 2018), so that they learn to make up for each other's errors. What is 0 stays 0. Word dropout
/// leaves the words that set.lasting marks. The weights that come back are rounded.
FoldedModel fine_tune_rounded(const FoldedModel& model, const RoundingSettings& settings,
                              const TrainingSet& set, ThreadPool& pool);

}  // namespace ockham
