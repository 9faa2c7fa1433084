#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ockham/nn/network.hpp"
#include "ockham/text/tokenizer.hpp"
#include "ockham/text/vocabulary.hpp"

namespace ockham {

/// What stays of a dense network, by original numbers, ascending. The noise of the survivors and
/// the counts of compression refer to the dense network.
struct KeptIds {
  std::vector<uint32_t> words;
  std::vector<uint32_t> inputs;
  std::vector<std::vector<uint32_t>> units;       ///< in the order of Network::directions()
  std::vector<std::vector<uint32_t>> dense = {};  ///< units of each dense layer

  friend bool operator==(const KeptIds&, const KeptIds&) = default;
};

/// The kept ids that a network's parameters carry.
KeptIds kept_ids(const Network& network);

/// A text classifier, complete: text in, class probabilities out. Row w of the network's embedding
/// is n-gram w of the vocabulary.
struct Classifier {
  NetworkShape shape;                ///< the dense network that training started from
  std::vector<std::string> classes;  ///< in the order of the probabilities
  std::shared_ptr<const Tokenizer> tokenizer;
  Vocabulary vocabulary;
  Network network;
  size_t max_tokens = 0;          ///< texts are cut after so many n-grams; 0: never
  double temperature = 1.0;       ///< logits are divided by it
  bool several_labels = false;    ///< a text may have any number of labels; sigmoid outputs
  std::vector<float> thresholds;  ///< [classes] probability from which a label is given; or empty
  uint64_t seed = 1;              ///< of the training's noise
  bool pruned = false;            ///< weights are pruned: Parameter::kept says which
  size_t paper_weights = 0;       ///< kept weights by the papers' count; 0: not pruned yet
  size_t dense_bytes = 0;         ///< of the dense model: fp32 weights and biases, and its n-grams
};

/// The bytes of a dense model: 4 for each weight and bias, and its n-grams as lines of text.
size_t dense_model_bytes(const Network& network, const Vocabulary& vocabulary);

/// A network of zeros: `shape` with only these ids, everything else as make_network() makes it.
/// Takes the memory of what is kept. Throws Error where ids are not below the shape's sizes or not
/// ascending.
Network make_compact_network(const NetworkShape& shape, const KeptIds& kept);

}  // namespace ockham
