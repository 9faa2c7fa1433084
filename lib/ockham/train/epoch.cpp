#include "ockham/train/epoch.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "ockham/nn/network_pass.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/profiled_noise.hpp"
#include "ockham/text/batches.hpp"

namespace ockham {
namespace {

std::vector<float> weights_of(const TrainingSet& set, std::span<const uint32_t> members) {
  std::vector<float> weights;
  weights.reserve(members.size());
  for (const uint32_t member : members) weights.push_back(set.weights[member]);
  return weights;
}

std::optional<Network> changed_copy(const Network& network, const EpochSettings& settings) {
  if (!settings.passes_through) return std::nullopt;
  Network copy = network;
  settings.passes_through(copy);
  return copy;
}

/// A mini-batch that is ready to be passed through the network.
struct ReadyBatch {
  TokenBatch tokens;
  std::optional<BatchLayout> layout;
};

// Of one each, the thread with short texts waited for the one with long texts: 0.8 of a default
// training's 33 seconds.
constexpr size_t kReadyAThread = 4;

/// The mini-batches from `first` on, some for each thread: each makes whole ones, and none waits
/// for another as when they share one out (on IMDb that took 5% of a default training).
std::vector<ReadyBatch> make_ready(const Network& network, const TrainingSet& set,
                                   const Batches& batches, size_t first,
                                   const EpochSettings& settings, uint32_t step, ThreadPool& pool) {
  const Profile::Part part(settings.profile, "batches");
  std::vector<ReadyBatch> ready(std::min(kReadyAThread * pool.size(), batches.size() - first));
  pool.for_each(ready.size(), [&](size_t i) {
    const PhiloxNoise noise(settings.seed, step + static_cast<uint32_t>(i));
    TokenBatch& tokens = ready[i].tokens;
    tokens = make_batch(set, batches[first + i], settings.word_dropout, &noise);
    ready[i].layout.emplace(network, tokens, settings.weight_noise ? &noise : nullptr);
    const size_t after = first + i + ready.size();
    if (after < batches.size()) prefetch(set.corpus, batches[after]);
  });
  return ready;
}

void move_gradients(Network& from, Network& to) {
  std::vector<Parameter*> parameters;
  from.for_each_parameter([&](Parameter& p) { parameters.push_back(&p); });
  size_t next = 0;
  to.for_each_parameter([&](Parameter& p) {
    p.mean_gradient = std::move(parameters[next]->mean_gradient);
    p.spread_gradient = std::move(parameters[next++]->spread_gradient);
  });
}

/// The gradient of the mean loss of a mini-batch, whose members are `texts`; returns that loss.
double take_gradient(Network& network, const ReadyBatch& batch, const TrainingSet& set,
                     std::span<const uint32_t> texts, const NoiseSource& noise,
                     const EpochSettings& settings, ThreadPool& pool) {
  NetworkPass pass(network, batch.tokens, settings.weight_noise ? &noise : nullptr, pool,
                   {.dropout = {settings.layer_dropout, &noise},
                    .precision = settings.precision,
                    .profile = settings.profile,
                    .layout = &*batch.layout});
  Matrix dlogits(batch.tokens.size(), pass.logits().cols());
  const double loss =
      cross_entropy(network.output, pass.logits(), targets_of(set, texts, dlogits.cols()),
                    weights_of(set, texts), dlogits);
  if (std::isfinite(loss)) pass.backward(network, dlogits, pool);
  return loss;
}

/// Adam's step number `b` of the epoch.
void take_step(Network& network, Optimizer& optimizer, size_t b, size_t texts,
               const EpochSettings& settings, ThreadPool& pool) {
  const Profile::Part part(settings.profile, "KL and Adam");
  const double scale = settings.kl_scale ? settings.kl_scale(b) : 0.0;
  OptimizerSettings adam = settings.optimizer;
  if (settings.rate_factor) adam.learning_rate *= static_cast<float>(settings.rate_factor(b));
  optimizer.step(network, adam, static_cast<float>(scale / static_cast<double>(texts)), pool);
}

}  // namespace

double run_epoch(Network& network, Optimizer& optimizer, const TrainingSet& set,
                 const EpochSettings& settings, uint32_t& step, ThreadPool& pool) {
  const Batches batches =
      shuffled_batches(set.corpus.lengths(), settings.batch, settings.seed, settings.epoch);
  set.corpus.ids.expect(Access::anywhere);
  double loss = 0.0;
  std::vector<ReadyBatch> ready;
  for (size_t b = 0; b < batches.size(); ++b, ++step) {
    if (settings.stop && settings.stop()) break;
    const size_t at = b % (kReadyAThread * pool.size());
    if (at == 0) ready = make_ready(network, set, batches, b, settings, step, pool);
    const PhiloxNoise philox(settings.seed, step);
    const ProfiledNoise noise(philox, settings.profile);
    std::optional<Network> copy = changed_copy(network, settings);
    const double batch_loss =
        take_gradient(copy ? *copy : network, ready[at], set, batches[b], noise, settings, pool);
    if (!std::isfinite(batch_loss)) {
      fail("the loss became ", batch_loss, " at step ", step, "; try a lower learning rate");
    }
    if (copy) move_gradients(*copy, network);
    loss += batch_loss * static_cast<double>(batches[b].size());
    take_step(network, optimizer, b, set.size(), settings, pool);
  }
  return loss / static_cast<double>(set.size());
}

}  // namespace ockham
