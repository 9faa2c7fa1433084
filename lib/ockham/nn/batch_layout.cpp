#include "ockham/nn/batch_layout.hpp"

#include <algorithm>

#include "ockham/nn/input_products.hpp"

namespace ockham {

NoiseScope BatchLayout::word_scope(const Network& network, const NoiseSource* noise) {
  return std::max(noise_scope(network.embedding, noise), input_scope(network.layers[0], noise));
}

BatchLayout::BatchLayout(const Network& network, const TokenBatch& batch, const NoiseSource* noise)
    : scope(word_scope(network, noise)),
      packed(batch),
      distinct(batch, network.embedding.rows(), scope) {}

}  // namespace ockham
