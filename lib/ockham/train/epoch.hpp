#pragma once

#include <cstdint>
#include <functional>

#include "ockham/tensor/precision.hpp"
#include "ockham/tensor/profile.hpp"
#include "ockham/train/optimizer.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// How one pass over the training set is made.
struct EpochSettings {
  OptimizerSettings optimizer;
  size_t batch = 128;
  float word_dropout = 0.0f;
  float layer_dropout = 0.0f;
  Precision precision = Precision::fp32;  ///< of large products
  bool weight_noise = false;              ///< draw from the posteriors; otherwise expectations
  uint64_t seed = 1;
  uint64_t epoch = 0;  ///< counts through all phases: orders the batches
  /// The KL's weight at a step of this epoch, counted from 0; null: no KL.
  std::function<double(size_t)> kl_scale;
  /// What the learning rate is multiplied by at a step of this epoch; null: 1.
  std::function<double(size_t)> rate_factor;
  /// Changes the copy of the network that a step passes through, as rounding does; the step is
  /// taken on the weights themselves, as if it had not been (Bengio et al. 2013). Null: no copy.
  std::function<void(Network&)> passes_through;
  /// Asked before every step: true ends the epoch there; null: it runs to its end.
  std::function<bool()> stop;
  Profile* profile = nullptr;  ///< of where the time goes; or null
};

/// Takes one pass over the set; `step` counts all steps of the run (the noise's counter) and is
/// advanced. Returns the mean cross-entropy of the noisy passes, in nats; of no use
/// where it was stopped.
double run_epoch(Network& network, Optimizer& optimizer, const TrainingSet& set,
                 const EpochSettings& settings, uint32_t& step, ThreadPool& pool);

}  // namespace ockham
