#pragma once

#include <gtest/gtest.h>

#include "ockham/train/trainer.hpp"
#include "tests/train/synthetic_corpus.hpp"

// Whole trainings for the trainer's tests.

namespace ockham {

inline TrainingState train(const PreparedTraining& prepared, const TrainSettings& settings,
                           TrainingHooks hooks = {}, size_t threads = 1) {
  ThreadPool pool(threads);
  Trainer trainer(prepared.start, prepared.training, prepared.validation, settings, pool,
                  std::move(hooks));
  trainer.run();
  EXPECT_TRUE(trainer.done());
  return trainer.state();
}

inline TrainingState train(const Dataset& dataset, const TrainSettings& settings,
                           TrainingHooks hooks = {}, size_t threads = 1) {
  const TrainSettings resolved = resolve_settings(settings, dataset);
  return train(prepare(dataset, resolved), resolved, std::move(hooks), threads);
}

/// A shorter run, for what does not need to end in a good model.
inline TrainSettings short_settings(uint64_t seed = 1) {
  TrainSettings s = quick_settings(seed);
  s.dense_steps = 30;
  s.epochs = 20;
  s.kl.high = 10.0;
  s.points = 4;
  return s;
}

}  // namespace ockham
