#include "ockham/train/rounding.hpp"

#include "ockham/compress/plain_network.hpp"
#include "ockham/train/epoch.hpp"

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

FoldedModel round_model(const FoldedModel& model, WeightFormat format) {
  Network network = plain_network(model);
  round_network(format, network);
  FoldedModel rounded = model;
  take_weights(network, rounded);
  return rounded;
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

}  // namespace ockham
