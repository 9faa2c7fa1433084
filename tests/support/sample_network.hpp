#pragma once

#include <memory>
#include <random>
#include <vector>

#include "ockham/bayes/sparse.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/nn/packed_batch.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {

constexpr Groups kAllGroups{true, true, true, true};

/// A small network whose every part matters: no value near 0 by construction, noise of about a
/// fifth of the weights, multipliers around 1.
inline Network sample_network(const NetworkShape& shape, uint32_t seed, bool noisy = true) {
  Network network = make_network(shape, seed);
  std::mt19937 random(seed);
  network.for_each_parameter([&](Parameter& p) {
    if (is_bias(network, p)) {
      fill_normal(random, p.mean.values(), 0.0f, 0.3f);
      return;
    }
    const bool multiplier = is_multiplier(network, p);
    fill_normal(random, p.mean.values(), multiplier ? 1.0f : 0.0f, multiplier ? 0.25f : 0.6f);
    if (!noisy) return;
    p.set_posterior(std::make_shared<Sparse>(), 0.0f);
    fill_normal(random, p.spread.values(), -1.6f, 0.3f);
  });
  return network;
}

/// Random texts of these lengths, numbered from `first_text` on.
inline TokenBatch sample_batch(const std::vector<size_t>& lengths, uint32_t words, uint32_t seed,
                               uint32_t first_text = 0) {
  std::mt19937 random(seed);
  TokenBatch batch;
  for (const size_t length : lengths) {
    std::vector<uint32_t> tokens(length);
    for (uint32_t& w : tokens) w = static_cast<uint32_t>(random() % words);
    batch.add(tokens, first_text++);
  }
  return batch;
}

}  // namespace ockham
