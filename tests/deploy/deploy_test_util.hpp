#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/compress/folded_model.hpp"
#include "ockham/deploy/engine.hpp"
#include "ockham/text/encoded_corpus.hpp"
#include "ockham/text/subword_tokenizer.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "tests/compress/random_classifier.hpp"

namespace ockham {

/// Words a1, a2, ... and the pairs of neighbours among them, shuffled.
inline std::vector<std::string> word_pairs(std::mt19937& random, size_t words) {
  std::vector<std::string> ngrams = numbered("a", words);
  for (size_t i = 0; i + 1 < words; ++i) {
    const std::string first = ngrams[i];
    ngrams.push_back(first + " " + ngrams[random() % words]);
  }
  std::shuffle(ngrams.begin(), ngrams.end(), random);
  return ngrams;
}

/// Texts of words that word_pairs() knows and of some that it does not.
inline std::vector<std::string> word_texts(std::mt19937& random, size_t count, size_t words,
                                           size_t longest) {
  std::vector<std::string> texts(count);
  for (std::string& text : texts) {
    const size_t length = random() % (longest + 1);
    for (size_t i = 0; i < length; ++i) {
      text.append(i > 0 ? " A" : "A");
      text.append(std::to_string(random() % (words + words / 2 + 1)));
    }
  }
  return texts;
}

inline std::vector<std::string_view> views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

inline Matrix engine_probabilities(const Engine& engine, const std::vector<std::string>& texts,
                                   size_t threads = 1) {
  ThreadPool pool(threads);
  Matrix probabilities;
  engine.predict(views(texts), pool, probabilities);
  return probabilities;
}

/// What the code that trains makes of the texts.
inline Matrix classifier_probabilities(const Classifier& classifier,
                                       const std::vector<std::string>& texts) {
  EncodedCorpus corpus;
  TextEncoder encoder(*classifier.tokenizer, classifier.vocabulary, classifier.max_tokens);
  Sequences sequences;
  for (const std::string& text : texts) {
    encoder.encode(text, corpus);
    const auto tokens = corpus.tokens(corpus.size() - 1);
    sequences.emplace_back(tokens.begin(), tokens.end());
  }
  return network_probabilities(classifier.network, sequences);
}

/// A sparse classifier of two classes with negative multipliers, words and pairs.
inline Classifier sparse_classifier(std::mt19937& random, size_t words, size_t hidden,
                                    OutputKind output, size_t classes, double density,
                                    const Encoder& encoder = {}) {
  const std::vector<std::string> ngrams =
      words == 0 ? std::vector<std::string>() : word_pairs(random, words);
  const size_t outputs = output == OutputKind::sigmoid && classes == 2 ? 1 : classes;
  const NetworkShape shape = small_shape(ngrams.size(), hidden, output, outputs, encoder);
  return make_classifier(random_network(random, shape, density), shape, classes, ngrams);
}

/// Whether two tokenizers are of one kind and have the same options and pieces, in any order.
inline bool same_tokenizer(const Tokenizer& a, const Tokenizer& b) {
  if (const auto* word = dynamic_cast<const WordTokenizer*>(&a)) {
    const auto* other = dynamic_cast<const WordTokenizer*>(&b);
    return other != nullptr && word->options() == other->options() &&
           word->characters() == other->characters();
  }
  const auto* subword = dynamic_cast<const SubwordTokenizer*>(&a);
  const auto* other = dynamic_cast<const SubwordTokenizer*>(&b);
  return subword != nullptr && other != nullptr && subword->options() == other->options() &&
         subword->model().kind() == other->model().kind() &&
         std::ranges::is_permutation(subword->model().pieces(), other->model().pieces());
}

/// Two models are one but for their tokenizers' addresses.
inline bool same_model(const FoldedModel& a, const FoldedModel& b) {
  return a.classes == b.classes && a.output == b.output && a.several_labels == b.several_labels &&
         a.thresholds == b.thresholds && a.temperature == b.temperature &&
         a.max_tokens == b.max_tokens && a.vocabulary.ngrams() == b.vocabulary.ngrams() &&
         a.poolings == b.poolings && a.embedding == b.embedding && a.cell == b.cell &&
         a.gate_function == b.gate_function && a.layers == b.layers &&
         a.dense_layers == b.dense_layers && a.output_weight == b.output_weight &&
         a.output_bias == b.output_bias && a.dense == b.dense &&
         same_tokenizer(*a.tokenizer, *b.tokenizer);
}

}  // namespace ockham
