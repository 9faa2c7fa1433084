#include "ockham/train/rehearsal.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string_view>

#include "ockham/tensor/indices.hpp"
#include "ockham/text/length_token.hpp"
#include "ockham/train/evaluate.hpp"

namespace ockham {
namespace {

constexpr size_t kMostNgrams = 40;  // drawn for one text

std::vector<std::string> words_of(const std::string& ngram) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin <= ngram.size();) {
    const size_t end = std::min(ngram.find(' ', begin), ngram.size());
    words.push_back(ngram.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

/// Numbers that are the same everywhere, which std's distributions are not.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  /// [0, 1)
  double share() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  /// 0 .. bound - 1
  size_t below(size_t bound) { return static_cast<size_t>(share() * static_cast<double>(bound)); }

 private:
  std::mt19937_64 random_;
};

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

/// Old n-grams to draw from.
struct Rehearsal::Pool {
  std::vector<uint32_t> ids;
  std::vector<std::vector<std::string>> words;
  std::vector<std::vector<double>> cumulative;  // [old classes][ids] what they say alone, summed up

  void add(uint32_t id, const std::string& ngram, std::span<const float> alone) {
    ids.push_back(id);
    words.push_back(words_of(ngram));
    cumulative.resize(alone.size());
    for (size_t c = 0; c < alone.size(); ++c) {
      const double before = cumulative[c].empty() ? 0.0 : cumulative[c].back();
      cumulative[c].push_back(before + double{alone[c]});
    }
  }

  /// The words of one that speaks for the class, with the given probability, or of any.
  const std::vector<std::string>& draw(size_t label, double one_sided, Dice& dice) const {
    if (dice.share() >= one_sided) return words[dice.below(words.size())];
    const std::vector<double>& sums = cumulative[label];
    const auto at = std::ranges::upper_bound(sums, dice.share() * sums.back());
    return words[std::min(static_cast<size_t>(at - sums.begin()), words.size() - 1)];
  }
};

/// Draws made-up texts.
struct Rehearsal::Sampler {
  Sampler(const Rehearsal& rehearsal, uint64_t seed) : owner(rehearsal), dice(seed) {
    const std::vector<uint8_t> rare = rare_ngrams();
    for (uint32_t id = 0; id < owner.start_.vocabulary.size(); ++id) {
      const std::string ngram = owner.start_.vocabulary.ngram(id);
      const bool old = id < owner.old_words_;
      if (old && owner.evidence_.contradicted[id] != 0) continue;
      if (is_length_token(ngram)) {
        if (old || !knows_lengths()) lengths.push_back(id);
        if (old && rare[id] != 0) absent_lengths.push_back(id);
      } else if (old) {
        const std::span<const float> alone = owner.alone_.view().row_span(id);
        all.add(id, ngram, alone);
        if (rare[id] != 0) absent.add(id, ngram, alone);
      }
    }
  }

  /// Marks the old n-grams that next to no new text holds.
  std::vector<uint8_t> rare_ngrams() const {
    constexpr size_t kTextsForOne = 1000;
    std::vector<uint32_t> texts(owner.old_words_), last(owner.old_words_, UINT32_MAX);
    for (uint32_t i = 0; i < owner.real_.size(); ++i) {
      for (const uint32_t id : owner.real_.corpus.tokens(i)) {
        if (id >= owner.old_words_ || last[id] == i) continue;
        last[id] = i;
        ++texts[id];
      }
    }
    std::vector<uint8_t> rare;
    for (const uint32_t n : texts) rare.push_back(n * kTextsForOne <= owner.real_.size());
    return rare;
  }

  /// Whether the old model goes by the length: then its rehearsals have none that it does not know.
  bool knows_lengths() const { return !lengths.empty() && lengths.front() < owner.old_words_; }

  void put_words(const Pool& pool) {
    tokens.clear();
    const size_t label = dice.below(owner.old_classes_);
    const double one_sided = dice.share();
    // From one to the most, every order of magnitude as often as another.
    const auto count = static_cast<size_t>(std::pow(double{kMostNgrams}, dice.share()));
    for (size_t i = 0; i < count; ++i) {
      for (const std::string& word : pool.draw(label, one_sided, dice)) {
        tokens.extents.push_back({tokens.bytes.size(), word.size()});
        tokens.bytes += word;
      }
    }
  }

  /// Some of a new text's n-grams, without its length and, unless `with_old`, without old ones;
  /// about `most` of them, each with the same probability.
  std::vector<uint32_t> some_of(size_t text, bool with_old, double most) {
    std::vector<uint32_t> ngrams;
    for (const uint32_t id : owner.real_.corpus.tokens(text)) {
      const bool old = id < owner.old_words_;
      if (owner.real_.lasting[id] == 0 && (with_old || !old)) ngrams.push_back(id);
    }
    const double keep = most / static_cast<double>(ngrams.size());
    std::erase_if(ngrams, [&](uint32_t) { return dice.share() >= keep; });
    return ngrams;
  }

  /// Both sequences in one, each in its order.
  void merge(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b,
             MappedVector<uint32_t>& ids) {
    for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
      const size_t left_of_a = a.size() - i, left = left_of_a + b.size() - j;
      ids.push_back(dice.below(left) < left_of_a ? a[i++] : b[j++]);
    }
  }

  void put_length(const std::vector<uint32_t>& from, EncodedCorpus& corpus) {
    if (!from.empty()) corpus.ids.push_back(from[dice.below(from.size())]);
  }

  /// N-grams drawn from a pool, cut anew.
  std::vector<uint32_t> drawn(const Pool& pool) {
    MappedVector<uint32_t> ids;
    if (pool.ids.empty()) return {};
    put_words(pool);
    NgramVocabulary::OpenNgrams open;
    owner.start_.vocabulary.encode(tokens, open, ids);
    return {ids.begin(), ids.end()};
  }

  /// A text of old n-grams, and some new ones of a new text between them: at most as many, and in
  /// a third none, for they may say something of the old labels too.
  void put_old_text(size_t companion, EncodedCorpus& corpus) {
    const std::vector<uint32_t> old = drawn(all);
    const double share = std::max(0.0, 1.5 * dice.share() - 0.5);
    merge(old, some_of(companion, false, share * static_cast<double>(old.size())), corpus.ids);
    put_length(lengths, corpus);
  }

  /// A new text that is apart (is_apart()), whole or in part, in which old n-grams stand that the
  /// new texts lack. So no new text says what it is, however much of it they know.
  void put_changed_text(size_t companion, EncodedCorpus& corpus) {
    const double share = std::min(1.0, 1.5 * dice.share());
    const double length = static_cast<double>(owner.real_.corpus.length(companion));
    const bool with_old = dice.share() < 0.5;
    merge(drawn(absent), some_of(companion, with_old, share * length), corpus.ids);
    put_length(absent_lengths.empty() ? lengths : absent_lengths, corpus);
  }

  void put_text(EncodedCorpus& corpus) {
    const size_t companion = dice.below(owner.real_.size());
    const bool something_absent = !absent.ids.empty() || !absent_lengths.empty();
    if (something_absent && owner.is_apart(companion) && dice.share() < 0.5) {
      put_changed_text(companion, corpus);
    } else {
      put_old_text(companion, corpus);
    }
  }

  const Rehearsal& owner;
  Dice dice;
  Pool all;
  Pool absent;                    // next to no new text holds them
  std::vector<uint32_t> lengths;  // old length tokens, or new ones where there are no old ones
  std::vector<uint32_t> absent_lengths;  // old ones that next to no new text has
  TokenBuffer tokens;                    // of the text at work
};

Rehearsal::Rehearsal(const Classifier& base, const Classifier& start, const TrainingSet& real,
                     ThreadPool& pool)
    : base_(base),
      start_(start),
      real_(real),
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
    for (const std::string& word : words_of(start_.vocabulary.ngram(w))) {
      const uint32_t id = start_.vocabulary.find(word);
      if (id < old_words_ && alone[id] != 0) evidence_.contradicted[w] = 1;
    }
  }
}

EncodedCorpus Rehearsal::make_up(size_t count, uint64_t seed) const {
  Sampler sampler(*this, seed);
  EncodedCorpus corpus;
  if (sampler.all.ids.empty()) return corpus;
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

/// Whether the new texts do not show what goes with what in the old ones as far as this one is
/// concerned: its labels are new, or there are old ones that no text has.
bool Rehearsal::is_apart(size_t text) const {
  const auto labels = real_.labels[text];
  if (labels.empty()) return false;
  return std::ranges::count(unmentioned_, 1) > 0 ||
         std::ranges::all_of(labels, [&](uint32_t label) { return label >= old_classes_; });
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
  const EncodedCorpus corpus = make_up(2 * count, seed);
  if (corpus.size() == 0) return;
  const Matrix p = old_probabilities(corpus);
  std::vector<uint32_t> order = counting(corpus.size());
  // The clearer half: what the old model is unsure of, another may well see otherwise.
  const auto doubt = [&](uint32_t i) {
    const auto row = p.view().row_span(i);
    if (!start_.several_labels) return 1.0f - std::ranges::max(row);
    float most = 0.0f;
    for (const float q : row) most = std::max(most, std::min(q, 1.0f - q));
    return most;
  };
  std::ranges::stable_sort(order, {}, doubt);
  order.resize(corpus.size() / 2);
  std::ranges::sort(order);
  for (const uint32_t i : order) {
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
