#pragma once

#include <cstddef>
#include <optional>

#include "ockham/model/classifier.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/train/settings.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// The settings with every 0 that stands for "by the data's size" replaced.
TrainSettings resolve_settings(TrainSettings settings, const Dataset& dataset);

/// What a Trainer starts from.
struct PreparedTraining {
  Classifier start;
  TrainingSet training;
  TrainingSet validation;
  size_t candidates = 0;  ///< frequent n-grams before the screen
};

/// Splits (without `validation`: the last part of each class), learns the tokenizer's subwords from
/// the training part where it needs any, screens the n-grams of the training
/// part, encodes, and initialises the network; word columns of the embedding start at the n-grams'
/// log-count ratios (naive Bayes; Wang & Manning 2012), output biases at the classes' log odds.
/// `settings` are resolved. Throws Error when no n-gram passes the screen, when the dataset cannot
/// be trained on, and when `validation` was read with other classes.
PreparedTraining prepare_training(const Dataset& dataset, const Dataset* validation,
                                  const TrainSettings& settings, ThreadPool& pool);

}  // namespace ockham
