#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ockham/compress/folded_model.hpp"
#include "ockham/compress/weight_format.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/train/criterion.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

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

/// Fits the thresholds of a model of several labels to a set.
void fit_thresholds_of(FoldedModel& model, const TrainingSet& set, ThreadPool& pool);

/// A file of a model, rounded in some format.
struct RoundedScore {
  size_t bytes = 0;
  double score = 0;  ///< of the criterion, 0 to 1
};

constexpr double kMostLostByRounding = 0.002;

/// Which of one model's files to take: the smallest that loses at most kMostLostByRounding of what
/// the model has unrounded or, where all lose more, the smallest of the best.
size_t choose_rounded(std::span<const RoundedScore> files, double unrounded);

/// What a model has of a criterion, by its thresholds where texts have several labels.
double score_folded(const FoldedModel& model, const TrainingSet& set, Criterion criterion,
                    ThreadPool& pool);

}  // namespace ockham
