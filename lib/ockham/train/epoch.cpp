#include "ockham/train/epoch.hpp"

#include <algorithm>
#include <cmath>

#include "ockham/nn/network_pass.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/batches.hpp"

namespace ockham {
namespace {

std::vector<float> weights_of(const TrainingSet& set, std::span<const uint32_t> members) {
  std::vector<float> weights;
  weights.reserve(members.size());
  for (const uint32_t member : members) weights.push_back(set.weights[member]);
  return weights;
}

}  // namespace

double run_epoch(Network& network, Optimizer& optimizer, const TrainingSet& set,
                 const EpochSettings& settings, uint32_t& step, ThreadPool& pool) {
  const Batches batches =
      shuffled_batches(set.corpus.lengths(), settings.batch, settings.seed, settings.epoch);
  set.corpus.ids.expect(Access::anywhere);
  double loss = 0.0;
  for (size_t b = 0; b < batches.size(); ++b, ++step) {
    if (settings.stop && settings.stop()) break;
    const PhiloxNoise noise(settings.seed, step);
    const TokenBatch batch = make_batch(set, batches[b], settings.word_dropout, &noise);
    if (b + 1 < batches.size()) prefetch(set, batches[b + 1]);
    NetworkPass pass(network, batch, settings.weight_noise ? &noise : nullptr, pool,
                     {settings.layer_dropout, &noise});
    Matrix dlogits(batch.size(), pass.logits().cols());
    const double batch_loss =
        cross_entropy(network.output, pass.logits(), targets_of(set, batches[b], dlogits.cols()),
                      weights_of(set, batches[b]), dlogits);
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
