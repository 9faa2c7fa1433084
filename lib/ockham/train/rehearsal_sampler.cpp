#include "ockham/train/rehearsal_sampler.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "ockham/text/length_token.hpp"

namespace ockham {
namespace {

constexpr size_t kMostNgrams = 40;  // drawn for one text

}  // namespace

void RehearsalSampler::Pool::add(uint32_t id, const std::string& ngram,
                                 std::span<const float> alone) {
  ids.push_back(id);
  std::vector<std::string>& of_ngram = words.emplace_back();
  for_each_word(ngram, [&](std::string_view word) { of_ngram.emplace_back(word); });
  cumulative.resize(alone.size());
  for (size_t c = 0; c < alone.size(); ++c) {
    const double before = cumulative[c].empty() ? 0.0 : cumulative[c].back();
    cumulative[c].push_back(before + double{alone[c]});
  }
}

const std::vector<std::string>& RehearsalSampler::Pool::draw(size_t label, double one_sided,
                                                             Dice& dice) const {
  if (dice.share() >= one_sided) return words[dice.below(words.size())];
  const std::vector<double>& sums = cumulative[label];
  const auto at = std::ranges::upper_bound(sums, dice.share() * sums.back());
  return words[std::min(static_cast<size_t>(at - sums.begin()), words.size() - 1)];
}

RehearsalSampler::RehearsalSampler(const RehearsalSource& source, uint64_t seed)
    : from_(source), dice_(seed) {
  const std::vector<uint8_t> rare = rare_ngrams();
  for (uint32_t id = 0; id < from_.vocabulary.size(); ++id) {
    const std::string ngram = from_.vocabulary.ngram(id);
    const bool old = id < from_.old_words();
    if (old && from_.contradicted[id] != 0) continue;
    if (is_length_token(ngram)) {
      if (old || !knows_lengths()) lengths_.push_back(id);
      if (old && rare[id] != 0) absent_lengths_.push_back(id);
    } else if (old) {
      const std::span<const float> alone = from_.alone.view().row_span(id);
      all_.add(id, ngram, alone);
      if (rare[id] != 0) absent_.add(id, ngram, alone);
    }
  }
}

/// Marks the old n-grams that next to no new text holds.
std::vector<uint8_t> RehearsalSampler::rare_ngrams() const {
  constexpr size_t kTextsForOne = 1000;
  std::vector<uint32_t> texts(from_.old_words()), last(from_.old_words(), UINT32_MAX);
  for (uint32_t i = 0; i < from_.real.size(); ++i) {
    for (const uint32_t id : from_.real.corpus.tokens(i)) {
      if (id >= from_.old_words() || last[id] == i) continue;
      last[id] = i;
      ++texts[id];
    }
  }
  std::vector<uint8_t> rare;
  for (const uint32_t n : texts) rare.push_back(n * kTextsForOne <= from_.real.size());
  return rare;
}

/// Whether the old model goes by the length: then its rehearsals have none that it does not know.
bool RehearsalSampler::knows_lengths() const {
  return !lengths_.empty() && lengths_.front() < from_.old_words();
}

/// Whether the new texts do not show what goes with what in the old ones as far as this one is
/// concerned: its labels are new, or there are old ones that no text has.
bool RehearsalSampler::is_apart(size_t text) const {
  const auto labels = from_.real.labels[text];
  if (labels.empty()) return false;
  return std::ranges::count(from_.unmentioned, 1) > 0 ||
         std::ranges::all_of(labels, [&](uint32_t label) { return label >= from_.old_classes(); });
}

void RehearsalSampler::put_words(const Pool& pool) {
  tokens_.clear();
  const size_t label = dice_.below(from_.old_classes());
  const double one_sided = dice_.share();
  // From one to the most, every order of magnitude as often as another.
  const auto count = static_cast<size_t>(std::pow(double{kMostNgrams}, dice_.share()));
  for (size_t i = 0; i < count; ++i) {
    for (const std::string& word : pool.draw(label, one_sided, dice_)) {
      tokens_.extents.push_back({tokens_.bytes.size(), word.size()});
      tokens_.bytes += word;
    }
  }
}

/// Some of a new text's n-grams, without its length, what is contradicted and, unless `with_old`,
/// old ones;
/// about `most` of them, each with the same probability.
std::vector<uint32_t> RehearsalSampler::some_of(size_t text, bool with_old, double most) {
  std::vector<uint32_t> ngrams;
  for (const uint32_t id : from_.real.corpus.tokens(text)) {
    const bool old = id < from_.old_words();
    if (from_.real.lasting[id] != 0 || (old && from_.contradicted[id] != 0)) continue;
    if (with_old || !old) ngrams.push_back(id);
  }
  const double keep = most / static_cast<double>(ngrams.size());
  std::erase_if(ngrams, [&](uint32_t) { return dice_.share() >= keep; });
  return ngrams;
}

/// N-grams drawn from a pool, cut anew.
std::vector<uint32_t> RehearsalSampler::drawn(const Pool& pool) {
  MappedVector<uint32_t> ids;
  if (pool.ids.empty()) return {};
  put_words(pool);
  OpenNgrams open;
  from_.vocabulary.encode(tokens_, open, ids);
  std::vector<uint32_t> known(ids.begin(), ids.end());
  // Neighbours may make up an n-gram that was not drawn.
  std::erase_if(known,
                [&](uint32_t id) { return id < from_.old_words() && from_.contradicted[id] != 0; });
  return known;
}

/// Both sequences in one, each in its order.
void RehearsalSampler::merge(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b,
                             MappedVector<uint32_t>& ids) {
  for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    const size_t left_of_a = a.size() - i, left = left_of_a + b.size() - j;
    ids.push_back(dice_.below(left) < left_of_a ? a[i++] : b[j++]);
  }
}

/// Half of the texts have none: most old texts were of a length that says nothing, so that the old
/// model has dropped its token, and must not be told from the new texts by the lack of one.
void RehearsalSampler::put_length(const std::vector<uint32_t>& from, EncodedCorpus& corpus) {
  if (from.empty() || dice_.share() < 0.5) return;
  corpus.ids.push_back(from[dice_.below(from.size())]);
}

/// A text of old n-grams, and some new ones of a new text between them: at most as many, and in a
/// third none, for they may say something of the old labels too.
void RehearsalSampler::put_old_text(size_t companion, EncodedCorpus& corpus) {
  const std::vector<uint32_t> old = drawn(all_);
  const double share = std::max(0.0, 1.5 * dice_.share() - 0.5);
  merge(old, some_of(companion, false, share * static_cast<double>(old.size())), corpus.ids);
  put_length(lengths_, corpus);
}

/// A new text that is apart (is_apart()), whole or in part, in which old n-grams stand that the
/// new texts lack. So no new text says what it is, however much of it they know.
void RehearsalSampler::put_changed_text(size_t companion, EncodedCorpus& corpus) {
  const double share = std::min(1.0, 1.5 * dice_.share());
  const double length = static_cast<double>(from_.real.corpus.length(companion));
  const bool with_old = dice_.share() < 0.5;
  merge(drawn(absent_), some_of(companion, with_old, share * length), corpus.ids);
  put_length(absent_lengths_.empty() ? lengths_ : absent_lengths_, corpus);
}

double RehearsalSampler::changed_share(size_t made_up, size_t new_texts) {
  constexpr double kMost = 0.5, kOfEach = 10.0;
  if (made_up == 0) return kMost;
  return std::min(kMost, kOfEach * static_cast<double>(new_texts) / static_cast<double>(made_up));
}

void RehearsalSampler::put_text(EncodedCorpus& corpus) {
  const size_t companion = dice_.below(from_.real.size());
  const bool something_absent = !absent_.ids.empty() || !absent_lengths_.empty();
  if (something_absent && is_apart(companion) && dice_.share() < from_.most_changed) {
    put_changed_text(companion, corpus);
  } else {
    put_old_text(companion, corpus);
  }
}

}  // namespace ockham
