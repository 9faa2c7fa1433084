#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "ockham/model/classifier.hpp"
#include "ockham/nn/network_pass.hpp"
#include "ockham/text/encoded_corpus.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "tests/support/sample_network.hpp"

namespace ockham {

/// A network that keeps part of a dense one, values and all.
inline Network part_of(const Network& dense, const NetworkShape& shape, const KeptIds& kept) {
  Network network = make_compact_network(shape, kept);
  std::vector<const Parameter*> from;
  dense.for_each_parameter([&](const Parameter& p) { from.push_back(&p); });
  size_t next = 0;
  network.for_each_parameter([&](Parameter& p) {
    const Parameter& whole = *from[next++];
    p.set_posterior(whole.posterior, 0.0f);
    p.mean = select_elements(whole.mean, p.row_ids, p.column_ids);
    if (!p.spread.empty()) p.spread = select_elements(whole.spread, p.row_ids, p.column_ids);
  });
  return network;
}

/// Prunes about a third of all that can be pruned.
inline void prune_some(Network& network, uint32_t seed) {
  std::mt19937 random(seed);
  network.for_each_parameter([&](Parameter& p) {
    if (is_bias(network, p)) return;
    std::vector<uint8_t> mask(p.mean.size());
    for (uint8_t& kept : mask) kept = random() % 3 != 0;
    p.prune(std::move(mask));
  });
}

/// n-gram i of the sample classifiers: "w0", "w1", "w1 w0", "w3", "w4", "w4 w3", ...
inline std::string sample_ngram(uint32_t i) {
  const auto word = [](uint32_t n) { return std::to_string(n).insert(0, 1, 'w'); };
  return i % 3 == 2 ? word(i - 1) + " " + word(i - 2) : word(i);
}

/// A classifier with random weights that keeps `kept` of `shape`.
inline Classifier sample_classifier(const NetworkShape& shape, const KeptIds& kept, uint32_t seed) {
  Classifier classifier;
  classifier.shape = shape;
  const bool one_for_two = shape.output == OutputKind::sigmoid && shape.outputs == 1;
  for (size_t k = 0; k < shape.outputs + one_for_two; ++k) {
    classifier.classes.push_back("class " + std::to_string(k));
  }
  classifier.tokenizer = std::make_shared<WordTokenizer>();
  std::vector<std::string> ngrams;
  for (const uint32_t w : kept.words) ngrams.push_back(sample_ngram(w));
  classifier.vocabulary = NgramVocabulary(ngrams);
  classifier.network = part_of(sample_network(shape, seed), shape, kept);
  classifier.seed = seed;
  return classifier;
}

/// What a classifier says about a few texts, with noise or without.
inline Matrix sample_probabilities(const Classifier& classifier, const NoiseSource* noise) {
  EncodedCorpus corpus;
  TextEncoder encoder(*classifier.tokenizer, classifier.vocabulary, classifier.max_tokens);
  for (const char* text : {"w0 w1 w0 w3", "w4 w3 and W1 W0, again w1 w0", "", "nothing known",
                           "w3 w4 w6 w7 w6 w9 w10 w0"}) {
    encoder.encode(text, corpus);
  }
  TokenBatch batch;
  for (uint32_t i = 0; i < corpus.size(); ++i) batch.add(corpus.tokens(i), i);
  ThreadPool pool;
  const NetworkPass pass(classifier.network, batch, noise, pool);
  Matrix logits = pass.logits();
  for (float& a : logits.values()) a /= static_cast<float>(classifier.temperature);
  return class_probabilities(classifier.network.output, logits);
}

}  // namespace ockham
