#include "ockham/train/epoch.hpp"

#include <algorithm>
#include <cmath>

#include "ockham/nn/network_pass.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/batches.hpp"

namespace ockham {
namespace {

/// The loss's inputs for chosen texts.
struct BatchTargets {
  BatchTargets(const TrainingSet& set, std::span<const uint32_t> members)
      : targets(members.size(), set.targets.cols()) {
    for (size_t i = 0; i < members.size(); ++i) {
      const auto from = set.targets.view().row_span(members[i]);
      std::copy(from.begin(), from.end(), targets.row(i));
      weights.push_back(set.weights[members[i]]);
    }
  }

  Matrix targets;
  std::vector<float> weights;
};

}  // namespace

double run_epoch(Network& network, Optimizer& optimizer, const TrainingSet& set,
                 const EpochSettings& settings, uint32_t& step, ThreadPool& pool) {
  const Batches batches =
      shuffled_batches(set.corpus.lengths(), settings.batch, settings.seed, settings.epoch);
  double loss = 0.0;
  for (size_t b = 0; b < batches.size(); ++b, ++step) {
    const PhiloxNoise noise(settings.seed, step);
    const TokenBatch batch = make_batch(set, batches[b], settings.word_dropout, &noise);
    NetworkPass pass(network, batch, settings.weight_noise ? &noise : nullptr, pool);
    const BatchTargets expected(set, batches[b]);
    Matrix dlogits(batch.size(), pass.logits().cols());
    const double batch_loss =
        cross_entropy(network.output, pass.logits(), expected.targets, expected.weights, dlogits);
    if (!std::isfinite(batch_loss)) {
      fail("the loss became ", batch_loss, " at step ", step, "; try a lower learning rate");
    }
    loss += batch_loss * static_cast<double>(batch.size());
    pass.backward(network, dlogits, pool);
    const double scale = settings.kl_scale ? settings.kl_scale(b) : 0.0;
    OptimizerSettings adam = settings.optimizer;
    if (settings.rate_factor) adam.learning_rate *= static_cast<float>(settings.rate_factor(b));
    optimizer.step(network, adam, static_cast<float>(scale / static_cast<double>(set.size())),
                   pool);
  }
  return loss / static_cast<double>(set.size());
}

}  // namespace ockham
