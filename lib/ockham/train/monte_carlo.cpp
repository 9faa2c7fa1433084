#include "ockham/train/monte_carlo.hpp"

#include <algorithm>

#include "ockham/nn/network_pass.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/batches.hpp"
#include "ockham/text/hash.hpp"

namespace ockham {
namespace {

// The samples' place in the noise's counters, which no training step reaches.
constexpr uint32_t kFirstSample = 1u << 31;

/// A hash of the n-gram numbers: what stands for a text in the noise's counters.
uint32_t text_number(std::span<const uint32_t> tokens) {
  Fnv1a<uint32_t> hash;
  for (const uint32_t token : tokens) {
    for (int shift = 0; shift < 32; shift += 8) hash.add(static_cast<uint8_t>(token >> shift));
  }
  return hash.value();
}

bool draws_anything(const Network& network) {
  bool any = false;
  network.for_each_parameter(
      [&](const Parameter& p) { any |= p.posterior->noise() != NoiseKind::none; });
  return any;
}

}  // namespace

MonteCarloSummary sample_predictions(const Classifier& model, const EncodedCorpus& corpus,
                                     size_t samples, ThreadPool& pool) {
  constexpr size_t kBatch = 256;
  if (!draws_anything(model.network)) {
    fail("the model has plain weights, of which there is nothing to sample; leave out --samples");
  }
  const Batches batches = sorted_batches(corpus.lengths(), kBatch);
  MonteCarloAverage average(model.several_labels ? ClassRelation::independent
                                                 : ClassRelation::exclusive);
  Matrix probabilities(corpus.size(), model.classes.size());
  for (size_t s = 0; s < samples; ++s) {
    const PhiloxNoise noise(model.seed, kFirstSample + static_cast<uint32_t>(s));
    for (size_t b = 0; b < batches.size(); ++b) {
      TokenBatch batch;
      for (const uint32_t text : batches[b]) {
        batch.add(corpus.tokens(text), text_number(corpus.tokens(text)));
      }
      const NetworkPass pass(model.network, batch, &noise, pool);
      Matrix logits = pass.logits();
      for (float& a : logits.values()) a /= static_cast<float>(model.temperature);
      const Matrix p = class_probabilities(model.network.output, logits);
      for (size_t i = 0; i < batches[b].size(); ++i) {
        std::copy_n(p.row(i), p.cols(), probabilities.row(batches[b][i]));
      }
    }
    average.add(probabilities);
  }
  return average.summary();
}

}  // namespace ockham
