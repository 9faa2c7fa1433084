#pragma once

#include <memory>
#include <numeric>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "ockham/model/classifier.hpp"
#include "ockham/nn/loss.hpp"
#include "ockham/nn/network_pass.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {

inline std::vector<std::string> numbered(const std::string& stem, size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back(stem + std::to_string(i));
  return names;
}

/// One layer or two of either cell with either gates, with dense layers or without.
struct Encoder {
  Cell cell = Cell::lstm;
  size_t layers = 1;
  GateFunction gate_function = GateFunction::sigmoid;
  std::vector<size_t> dense_layers = {};
};
inline const Encoder kEncoders[] = {
    {Cell::lstm, 1},
    {Cell::gru, 1},
    {Cell::lstm, 2},
    {Cell::gru, 2},
    {Cell::lstm, 1, GateFunction::hard_sigmoid},
    {Cell::gru, 2, GateFunction::hard_sigmoid},
    {Cell::lstm, 1, GateFunction::sigmoid, {5}},
    {Cell::gru, 1, GateFunction::sigmoid, {4, 6}},
};

inline std::ostream& operator<<(std::ostream& out, const Encoder& encoder) {
  return out << cell_name(encoder.cell) << " of layers " << encoder.layers << ", gates "
             << gate_function_name(encoder.gate_function) << ", dense layers "
             << encoder.dense_layers.size();
}

inline NetworkShape small_shape(size_t words, size_t hidden, OutputKind output, size_t outputs,
                                const Encoder& encoder = {}) {
  NetworkShape shape;
  shape.words = words;
  shape.embedding = 3;
  shape.hidden = hidden;
  shape.output = output;
  shape.outputs = outputs;
  shape.cell = encoder.cell;
  shape.layers = encoder.layers;
  shape.gate_function = encoder.gate_function;
  shape.dense_layers = encoder.dense_layers;
  shape.groups = {.vocabulary = true, .inputs = true, .units = true, .gates = true};
  return shape;
}

/// Every value of a network drawn anew: weights N(0, 1) of which only the share `density` is not 0,
/// multipliers of either sign.
inline Network random_network(std::mt19937& random, const NetworkShape& shape,
                              double density = 1.0) {
  Network network = make_network(shape, 1);
  std::bernoulli_distribution is_there(density);
  network.for_each_parameter([&](Parameter& p) {
    fill_normal(random, p.mean.values(), 0.0f, 1.0f);
    if (is_bias(network, p) || is_multiplier(network, p)) return;
    for (float& w : p.mean.values()) w = is_there(random) ? w : 0.0f;
  });
  return network;
}

/// A classifier of the given n-grams.
inline Classifier make_classifier(Network network, const NetworkShape& shape, size_t classes,
                                  const std::vector<std::string>& ngrams) {
  Classifier classifier;
  classifier.shape = shape;
  classifier.classes = numbered("class ", classes);
  classifier.tokenizer = std::make_shared<WordTokenizer>();
  classifier.vocabulary = NgramVocabulary(ngrams);
  classifier.network = std::move(network);
  return classifier;
}

using Sequences = std::vector<std::vector<uint32_t>>;

inline Sequences random_sequences(std::mt19937& random, size_t count, size_t words,
                                  size_t longest) {
  Sequences sequences(count);
  for (auto& sequence : sequences) {
    sequence.resize(words == 0 ? 0 : random() % (longest + 1));
    for (uint32_t& word : sequence) word = static_cast<uint32_t>(random() % words);
  }
  return sequences;
}

/// The network's own class probabilities, by the code that trains.
inline Matrix network_probabilities(const Network& network, const Sequences& sequences) {
  TokenBatch batch;
  for (const auto& sequence : sequences) batch.add(sequence, static_cast<uint32_t>(batch.size()));
  ThreadPool pool;
  const NetworkPass pass(network, batch, nullptr, pool);
  return class_probabilities(network.output, pass.logits());
}

}  // namespace ockham
