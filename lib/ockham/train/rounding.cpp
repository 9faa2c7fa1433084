#include "ockham/train/rounding.hpp"

#include <algorithm>

#include "ockham/compress/plain_network.hpp"
#include "ockham/train/epoch.hpp"
#include "ockham/train/evaluate.hpp"
#include "ockham/train/label_metrics.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/metrics.hpp"

namespace ockham {

void round_network(WeightFormat format, Network& network) {
  network.for_each_parameter([&](Parameter& p) {
    if (&p == &network.embedding) {
      round_weights(format, Scales::column, p.mean);
    } else {
      round_weights(format_of_the_rest(format), Scales::matrix, p.mean);
    }
  });
}

FoldedModel fine_tune_rounded(const FoldedModel& model, const RoundingSettings& settings,
                              const TrainingSet& set, ThreadPool& pool) {
  Network network = plain_network(model);
  Optimizer optimizer(network);
  const size_t batches = (set.size() + settings.batch - 1) / settings.batch;
  const auto steps = static_cast<double>(settings.epochs * batches);
  uint32_t step = 0;
  for (size_t e = 0; e < settings.epochs; ++e) {
    EpochSettings epoch;
    epoch.optimizer.learning_rate = static_cast<float>(settings.rate);
    epoch.optimizer.max_norm = static_cast<float>(settings.max_norm);
    epoch.batch = settings.batch;
    epoch.word_dropout = static_cast<float>(settings.dropout);
    epoch.seed = settings.seed;
    epoch.epoch = e;
    epoch.rate_factor = [&, first = e * batches](size_t b) {
      return 1.0 - static_cast<double>(first + b) / steps;
    };
    epoch.passes_through = [&](Network& copy) { round_network(settings.format, copy); };
    run_epoch(network, optimizer, set, epoch, step, pool);
  }
  round_network(settings.format, network);
  FoldedModel rounded = model;
  take_weights(network, rounded);
  return rounded;
}

void fit_thresholds_of(FoldedModel& model, const TrainingSet& set, ThreadPool& pool) {
  model.thresholds = fit_thresholds(predict_set(plain_network(model), set, pool), set.labels);
}

size_t choose_rounded(std::span<const RoundedScore> files, double unrounded) {
  const double best = std::ranges::max_element(files, {}, &RoundedScore::score)->score;
  const double floor = std::min(best, unrounded - kMostLostByRounding);
  const auto chosen = std::ranges::min_element(files, {}, [&](const RoundedScore& file) {
    return file.score < floor ? SIZE_MAX : file.bytes;
  });
  return static_cast<size_t>(chosen - files.begin());
}

double score_folded(const FoldedModel& model, const TrainingSet& set, Criterion criterion,
                    ThreadPool& pool) {
  const Matrix probabilities = predict_set(plain_network(model), set, pool);
  PathPoint point;
  if (model.several_labels) {
    set_scores(evaluate_label_sets(probabilities, set.labels, model.thresholds), point);
  } else {
    set_scores(evaluate_predictions(probabilities, set.labels.ids), point);
  }
  return score(point, criterion);
}

}  // namespace ockham
