#include "ockham/train/language_epoch.hpp"

#include <cmath>
#include <vector>

#include "ockham/nn/next_word_pass.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/batches.hpp"
#include "ockham/text/hash.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {
namespace {

constexpr size_t kNegatives = 512;

/// The words at random places of the texts: as often as they occur.
std::vector<uint32_t> draw_negatives(const EncodedCorpus& texts, uint64_t seed, uint32_t step) {
  std::vector<uint32_t> negatives;
  if (texts.ids.empty()) return negatives;
  const uint64_t start = mix_bits(seed + step * kHashMultiplier);
  for (uint64_t n = 0; n < kNegatives; ++n) {
    negatives.push_back(texts.ids[mix_bits(start + n) % texts.ids.size()]);
  }
  return negatives;
}

}  // namespace

double run_language_epoch(Network& network, Optimizer& optimizer, const EncodedCorpus& texts,
                          const EpochSettings& settings, uint32_t& step, ThreadPool& pool) {
  const Batches batches =
      shuffled_batches(texts.lengths(), settings.batch, settings.seed, settings.epoch);
  texts.ids.expect(Access::anywhere);
  double loss = 0.0;
  size_t predictions = 0;
  for (size_t b = 0; b < batches.size(); ++b, ++step) {
    TokenBatch batch;
    for (const uint32_t text : batches[b]) batch.add(texts.tokens(text), text);
    if (b + 1 < batches.size()) prefetch(texts, batches[b + 1]);
    const std::vector<uint32_t> negatives = draw_negatives(texts, settings.seed, step);
    NextWordPass pass(network, batch, negatives, pool,
                      {.precision = settings.precision, .profile = settings.profile});
    if (!std::isfinite(pass.loss())) {
      fail("the language model's loss became ", pass.loss(), " at step ", step,
           "; try a lower learning rate, --language-rate");
    }
    loss += pass.loss() * static_cast<double>(pass.predictions());
    predictions += pass.predictions();
    pass.backward(network, pool);
    const Profile::Part part(settings.profile, "KL and Adam");
    OptimizerSettings now = settings.optimizer;
    if (settings.rate_factor) now.learning_rate *= static_cast<float>(settings.rate_factor(b));
    optimizer.step(network, now, 0.0f, pool);
  }
  return predictions > 0 ? loss / static_cast<double>(predictions) : 0.0;
}

}  // namespace ockham
