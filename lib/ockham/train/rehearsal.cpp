#include "ockham/train/rehearsal.hpp"

#include <algorithm>
#include <numeric>

#include "ockham/tensor/indices.hpp"
#include "ockham/train/evaluate.hpp"
#include "ockham/train/rehearsal_sampler.hpp"

namespace ockham {
namespace {

/// Appends a text of weight 1, with soft targets unless there are none.
void add_text(uint32_t text, std::span<const float> target, TrainingSet& set) {
  if (!target.empty()) {
    set.soft.resize(set.texts.size(), kNoSoftTarget);
    set.soft.push_back(static_cast<uint32_t>(set.soft_targets.size() / target.size()));
    set.soft_targets.insert(set.soft_targets.end(), target.begin(), target.end());
  }
  set.texts.push_back(text);
  set.weights.push_back(1.0f);
}

}  // namespace

Rehearsal::Rehearsal(const Classifier& base, const Classifier& start, const TrainingSet& real,
                     size_t made_up, ThreadPool& pool)
    : base_(base),
      start_(start),
      real_(real),
      changed_share_(RehearsalSampler::changed_share(made_up, real.size())),
      pool_(pool),
      old_words_(base.vocabulary.size()),
      old_classes_(base.classes.size()),
      unmentioned_(base.classes.size(), 1) {
  for (const uint32_t label : real.labels.ids) {
    if (label < old_classes_) unmentioned_[label] = 0;
  }
  EncodedCorpus single;
  for (uint32_t id = 0; id < old_words_; ++id) {
    single.ids.push_back(id);
    single.offsets.push_back(single.ids.size());
  }
  single.offsets.push_back(single.ids.size());
  alone_ = old_probabilities(single);
  evidence_ = weigh_evidence(real, alone_, start.classes.size(), start.several_labels);
  spread_contradictions();
}

/// What the old model says of texts in the new numbers, [texts, old classes].
Matrix Rehearsal::old_probabilities(const EncodedCorpus& corpus) const {
  TrainingSet set;
  const std::vector<uint32_t> old = counting(old_words_);
  set.corpus = without_words(corpus, renumbering(old, start_.vocabulary.size()));
  set.texts = counting(corpus.size());
  const Matrix all = predict_set(start_.network, set, pool_);
  Matrix p(all.rows(), old_classes_);
  for (size_t i = 0; i < p.rows(); ++i) {
    std::copy_n(all.row(i), old_classes_, p.row(i));
    if (start_.several_labels) continue;
    const float sum = std::accumulate(p.row(i), p.row(i) + old_classes_, 0.0f);
    for (float& value : p.view().row_span(i)) value /= sum;
  }
  return p;
}

/// Adds what is made up with a contradicted word in it, as "not good" is with "good".
void Rehearsal::spread_contradictions() {
  const std::vector<uint8_t> alone = evidence_.contradicted;
  for (uint32_t w = 0; w < old_words_; ++w) {
    for_each_word(start_.vocabulary.ngram(w), [&](std::string_view word) {
      const uint32_t id = start_.vocabulary.find(word);
      if (id < old_words_ && alone[id] != 0) evidence_.contradicted[w] = 1;
    });
  }
}

EncodedCorpus Rehearsal::make_up(size_t count, uint64_t seed) const {
  RehearsalSampler sampler(
      {start_.vocabulary, alone_, evidence_.contradicted, unmentioned_, real_, changed_share_},
      seed);
  EncodedCorpus corpus;
  if (sampler.empty()) return corpus;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t first = corpus.ids.size();
    sampler.put_text(corpus);
    if (start_.max_tokens > 0) {
      corpus.ids.truncate(std::min<uint64_t>(corpus.ids.size(), first + start_.max_tokens));
    }
    corpus.offsets.push_back(corpus.ids.size());
  }
  return corpus;
}

/// New classes, where they do not exclude the old ones: none of a made-up text, unless it holds an
/// n-gram that speaks for one, or may do so.
void Rehearsal::put_new_targets(std::span<const uint32_t> tokens, std::span<float> target) const {
  if (!start_.several_labels) return;
  const size_t new_classes = target.size() - old_classes_;
  for (size_t z = 0; z < new_classes; ++z) {
    const bool open = std::ranges::any_of(tokens, [&](uint32_t id) {
      return id >= old_words_ || evidence_.speaks_for_new[id * new_classes + z] != 0;
    });
    target[old_classes_ + z] = open ? kUnknownTarget : 0.0f;
  }
}

void Rehearsal::add_soft(size_t count, uint32_t first_text, uint64_t seed, TrainingSet& set) const {
  const EncodedCorpus corpus = make_up(count, seed);
  if (corpus.size() == 0) return;
  const Matrix p = old_probabilities(corpus);
  const size_t outputs = start_.shape.outputs;
  std::vector<float> target(outputs);
  for (size_t i = 0; i < corpus.size(); ++i) {
    std::ranges::fill(target, 0.0f);
    if (outputs == 1) {
      target[0] = p(i, 1);
    } else {
      std::copy_n(p.row(i), old_classes_, target.begin());
    }
    put_new_targets(corpus.tokens(i), target);
    set.labels.add({});
    add_text(first_text + static_cast<uint32_t>(i), target, set);
  }
  append(corpus, set.corpus);
}

std::vector<uint32_t> Rehearsal::labels_of(std::span<const float> probabilities) const {
  std::vector<uint32_t> labels;
  if (!start_.several_labels) {
    labels.push_back(
        static_cast<uint32_t>(std::ranges::max_element(probabilities) - probabilities.begin()));
    return labels;
  }
  for (uint32_t c = 0; c < old_classes_; ++c) {
    const float threshold = base_.thresholds.empty() ? 0.5f : base_.thresholds[c];
    if (probabilities[c] >= threshold) labels.push_back(c);
  }
  return labels;
}

void Rehearsal::add_hard(size_t count, uint32_t first_text, uint64_t seed, TrainingSet& set) const {
  const EncodedCorpus corpus = make_up(count, seed);
  if (corpus.size() == 0) return;
  const Matrix p = old_probabilities(corpus);
  for (uint32_t i = 0; i < corpus.size(); ++i) {
    set.corpus.ids.append(corpus.tokens(i));
    set.corpus.offsets.push_back(set.corpus.ids.size());
    set.labels.add(labels_of(p.view().row_span(i)));
    add_text(first_text + i, {}, set);
  }
}

void Rehearsal::complete_soft(TrainingSet& set) const {
  if (!start_.several_labels || std::ranges::count(unmentioned_, 1) == 0) return;
  const Matrix p = old_probabilities(set.corpus);
  Matrix targets = targets_of(set, counting(set.size()), start_.shape.outputs);
  for (size_t i = 0; i < set.size(); ++i) {
    for (size_t c = 0; c < old_classes_; ++c) {
      if (unmentioned_[c] != 0) targets(i, c) = p(i, c);
    }
  }
  set.soft = counting(set.size());
  set.soft_targets.assign(targets.values().begin(), targets.values().end());
}

void Rehearsal::complete_hard(TrainingSet& set) const {
  if (!start_.several_labels) return;
  std::vector<uint8_t> missing = unmentioned_;
  for (const uint32_t label : set.labels.ids) {
    if (label < old_classes_) missing[label] = 0;
  }
  if (std::ranges::count(missing, 1) == 0) return;
  const Matrix p = old_probabilities(set.corpus);
  LabelLists labels;
  for (size_t i = 0; i < set.size(); ++i) {
    std::vector<uint32_t> of_text(set.labels[i].begin(), set.labels[i].end());
    for (const uint32_t label : labels_of(p.view().row_span(i))) {
      if (missing[label] != 0) of_text.push_back(label);
    }
    std::ranges::sort(of_text);
    labels.add(of_text);
  }
  set.labels = std::move(labels);
}

}  // namespace ockham
