#pragma once

#include <random>
#include <string>
#include <vector>

#include "ockham/tensor/thread_pool.hpp"
#include "ockham/train/prepare.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {

/// Small corpora made of words that carry the label and words ("n0", "n1", ...) that carry nothing.
class SyntheticCorpus {
 public:
  explicit SyntheticCorpus(uint32_t seed, size_t neutral = 60) : random_(seed), neutral_(neutral) {}

  /// A text of `words` words in random order: these ones, and neutral ones.
  void add(const std::string& label, std::vector<std::string> signal, size_t words = 20) {
    while (signal.size() < words) signal.push_back(neutral_word(below(neutral_)));
    for (size_t i = signal.size(); i > 1; --i) std::swap(signal[i - 1], signal[below(i)]);
    tsv_ += label + "\t";
    for (size_t i = 0; i < signal.size(); ++i) tsv_ += (i > 0 ? " " : "") + signal[i];
    tsv_ += "\n";
  }

  size_t below(size_t bound) { return random_() % bound; }
  Dataset dataset(const SpillPlace& place = {}) const { return dataset_of(tsv_, place); }
  const std::string& tsv() const { return tsv_; }

 private:
  static std::string neutral_word(size_t i) { return std::to_string(i).insert(0, 1, 'n'); }

  std::mt19937 random_;
  size_t neutral_;
  std::string tsv_;
};

inline const std::vector<std::string> kSignalWords{"fine", "good", "well"};

/// Enough to find them.
inline constexpr size_t kSignalTexts = 400;

/// Every other text holds one of three words and is labelled "yes"; the rest hold none of them. So
/// each of the three is needed, and nothing else.
inline Dataset signal_corpus(size_t texts, uint32_t seed, const SpillPlace& place = {},
                             size_t neutral = 60) {
  SyntheticCorpus corpus(seed, neutral);
  for (size_t i = 0; i < texts; ++i) {
    if (i % 2 == 0) corpus.add("no", {});
    if (i % 2 == 1) corpus.add("yes", {kSignalWords[corpus.below(kSignalWords.size())]});
  }
  return corpus.dataset(place);
}

/// A training of about a second: a small network, few and large steps.
inline TrainSettings quick_settings(uint64_t seed = 1) {
  TrainSettings s;
  s.ngram_length = 1;
  s.screen = 0.0;
  s.validation = 0.2;
  s.embedding = 3;
  s.hidden = 2;
  s.batch = 32;
  s.dense_steps = 100;
  s.dense_rate = 2e-2;
  s.dense_dropout = 0.2;
  s.epochs = 40;
  s.rate = 1e-2;
  s.dropout = {0.1, 0.1};
  s.method.initial_log_sigma = -2.0;
  s.naive_bayes = 0.4;
  s.max_norm = 5.0;
  s.fine_tune_rate = 1e-2;
  s.fine_tune_dropout = {0.1, 0.1};
  s.kl = {.low = 0.2, .high = 6.0, .warm_up = 0.2};
  s.points = 8;
  s.fine_tune_epochs = 3;
  s.seed = seed;
  return s;
}

inline PreparedTraining prepare(const Dataset& dataset, TrainSettings settings,
                                const Dataset* validation = nullptr, TrainingSources from = {}) {
  ThreadPool pool;
  return prepare_training(dataset, validation, resolve_settings(std::move(settings), dataset, from),
                          pool, from);
}

}  // namespace ockham
