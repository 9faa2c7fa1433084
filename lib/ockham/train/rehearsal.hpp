#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ockham/model/classifier.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/train/ngram_evidence.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// What is needed to rehearse what a model knows while another one, grown from it (grow.hpp), is
/// trained on texts that lack it. There are no old texts any more; they are made up from the old
/// n-grams, and the old model says what they are (pseudo-rehearsal, Robins 1995; soft targets of
/// the old model, Li & Hoiem 2016).
class Rehearsal {
 public:
  /// `start`: grown from `base` and not yet trained. `real`: the new texts, in the numbers of
  /// start's vocabulary, length tokens marked as lasting. `made_up`: as many as will be made up to
  /// train on. All must outlive the rehearsal.
  Rehearsal(const Classifier& base, const Classifier& start, const TrainingSet& real,
            size_t made_up, ThreadPool& pool);

  /// The old n-grams that the new texts contradict (ngram_evidence.hpp), or a word in them. They
  /// are not rehearsed.
  const std::vector<uint8_t>& contradicted() const { return evidence_.contradicted; }
  /// Classes of the old model that no new text has.
  const std::vector<uint8_t>& unmentioned() const { return unmentioned_; }

  /// Appends `count` made-up texts with the old model's probabilities as soft targets, numbered
  /// from `first_text` on; what they are made of: rehearsal_sampler.hpp.
  void add_soft(size_t count, uint32_t first_text, uint64_t seed, TrainingSet& set) const;

  /// The same with the labels that the old model gives, to measure with. Those that it is unsure of
  /// are among them: only they show that a smaller model loses something before it loses much.
  void add_hard(size_t count, uint32_t first_text, uint64_t seed, TrainingSet& set) const;

  /// Where texts may have several labels: what the new texts never mention is not known of them,
  /// so they get the old model's probability of it as a soft target, or its labels.
  void complete_soft(TrainingSet& set) const;
  void complete_hard(TrainingSet& set) const;

 private:
  void spread_contradictions();
  void put_new_targets(std::span<const uint32_t> tokens, std::span<float> target) const;
  std::vector<uint32_t> labels_of(std::span<const float> probabilities) const;
  Matrix old_probabilities(const EncodedCorpus& corpus) const;
  EncodedCorpus make_up(size_t count, uint64_t seed) const;

  const Classifier& base_;
  const Classifier& start_;
  const TrainingSet& real_;
  double changed_share_;  ///< of made-up texts, at most
  ThreadPool& pool_;
  size_t old_words_;
  size_t old_classes_;
  Matrix alone_;  ///< [old n-grams + 1, old classes] what each says alone; last: a text without any
  NgramEvidence evidence_;
  std::vector<uint8_t> unmentioned_;  ///< [old classes]
};

}  // namespace ockham
