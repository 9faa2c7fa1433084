#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ockham/nn/network.hpp"
#include "ockham/tensor/precision.hpp"
#include "ockham/text/subword_training.hpp"
#include "ockham/text/tokenizer_options.hpp"
#include "ockham/train/criterion.hpp"
#include "ockham/train/method.hpp"
#include "ockham/train/schedule.hpp"

namespace ockham {

/// The tokenizer of a training run.
struct TokenizerSettings {
  enum class Kind { words, subwords, folder };

  Kind kind = Kind::words;
  std::string folder;        ///< of a tokenizer made before, which brings its own text options
  TokenizerOptions text;     ///< its length_token is not used
  SubwordTraining subwords;  ///< learned from the training part

  bool operator==(const TokenizerSettings&) const = default;
};

/// Everything that a training run may be told. The defaults are what a bare `ockham train` does;
/// resolve_settings replaces those that go by the data ("by size").
struct TrainSettings {
  // Text
  uint32_t ngram_length = 0;  ///< 0: by size
  bool length_token = true;   ///< a last token says how long the text is
  uint32_t min_count = 0;     ///< occurrences that an n-gram needs; 0: by size
  size_t frequency_limit = 100'000;
  double screen = 0.3;          ///< likelihood ratio in nats, of two classes
  size_t candidates = 0;        ///< at most so many n-grams, the most telling ones; 0: by size
  uint32_t hash_bits = 0;       ///< n-grams are told apart by so many bits of a hash; 0: by words
  size_t max_tokens = 0;        ///< texts are cut after so many n-grams; 0: never
  bool several_labels = false;  ///< a text may have any number of labels
  /// Share held out where there is no validation file; 0: 0.1, or 0.05 where there are 10,000 texts
  /// and 1,000 of each class.
  double validation = 0.0;

  // Network
  // 0: by the number of classes, of two by the size of the texts; as vectors, a language model or
  // the model that training goes on from have them.
  size_t embedding = 0;  ///< dimensions
  size_t hidden = 0;     ///< units a direction
  bool bidirectional = true;
  /// Of two classes that exclude each other: sigmoid, one logit, or softmax, one for each.
  OutputKind two_class_output = OutputKind::sigmoid;
  Cell cell = Cell::lstm;
  GateFunction gate_function = GateFunction::sigmoid;
  size_t layers = 1;           ///< recurrent ones, each on top of the other
  double layer_dropout = 0.0;  ///< of what one gives the next, in all phases
  std::vector<Pooling> poolings{Pooling::max, Pooling::mean};
  std::vector<size_t> dense_layers;  ///< units of each, between pooling and output
  Groups groups{.vocabulary = true, .inputs = false, .units = true, .gates = true};
  /// Weight of the log-count ratios in the first embedding columns; below 0: by size.
  double naive_bayes = -1.0;

  // Phases
  Precision precision = Precision::fp32;  ///< of large layers' products in training
  size_t batch = 128;
  size_t language_epochs = 0;   ///< of a language model that the network starts from
  double language_rate = 2e-3;  ///< its learning rate at first, which falls to 0
  /// Train without noise before the Bayes phase; else it starts from the initial weights.
  bool dense_start = true;
  size_t dense_steps = 0;      ///< 0: by the number of classes
  double dense_rate = 0.0;     ///< 0: 0.003, or 0.001 where training goes on from a model
  double dense_dropout = 0.7;  ///< word dropout
  size_t epochs = 0;           ///< of the Bayes phase; 0: by size
  double rate = 1e-3;
  DropoutSchedule dropout;  ///< of words; below 0: by size and classes
  MethodSettings method;
  /// method.initial_log_sigma is -3 for over 50 classes or 32 units a direction.
  bool log_sigma_by_size = true;
  KlSchedule kl;
  double group_kl = 1.0;  ///< weight of the multipliers' KL beside that of the weights
  /// What was pruned twice running leaves the arrays while training; else only from the points.
  bool shrink = true;
  size_t points = 16;  ///< snapshots on the path
  /// At the start of the Bayes phase; growing with the square of what is done, three times as many
  /// at its end.
  size_t fine_tune_epochs = 2;
  double fine_tune_rate = 0.0;  ///< falls to 0; 0: 0.008 for over 5 MB of texts, else 0.005
  /// Of words, by where in the Bayes phase the point is; below 0: by size and classes.
  DropoutSchedule fine_tune_dropout;
  double max_norm = 5.0;  ///< gradient clipping

  /// Texts made up to rehearse what a model knows that training goes on from, as a share of the new
  /// ones, or of more where they are few (rehearsal_texts()); 0: none.
  double rehearsal = 0.0;

  uint64_t seed = 1;

  TokenizerSettings tokenizer;

  bool operator==(const TrainSettings&) const = default;
};

}  // namespace ockham
