#include "ockham/text/likelihood_ratio_screen.hpp"

#include <algorithm>
#include <array>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/ngram_counts.hpp"

namespace ockham {
namespace {

struct Candidate {
  uint32_t level;
  uint32_t id;  // in that level
};

/// A number for each n-gram of each level, none yet.
std::vector<std::vector<uint32_t>> numbers_of_none(const NgramCounts& counts) {
  std::vector<std::vector<uint32_t>> numbers;
  for (const NgramLevel& level : counts.levels) {
    numbers.emplace_back(level.size(), NgramLevel::kNone);
  }
  return numbers;
}

/// Texts by their number in the list that is screened, grouped by class; where they may have
/// several labels or none, a last group holds them all.
struct TextsByClass {
  std::vector<uint64_t> offsets;
  std::vector<uint32_t> texts;
};

TextsByClass group_by_class(const Dataset& dataset, std::span<const uint32_t> indices,
                            bool several_labels) {
  TextsByClass groups;
  groups.offsets.assign(dataset.classes.size() + 1, 0);
  for (const uint32_t index : indices) {
    for (const uint32_t label : dataset.labels(index)) ++groups.offsets[label + 1];
  }
  std::partial_sum(groups.offsets.begin(), groups.offsets.end(), groups.offsets.begin());
  groups.texts.resize(groups.offsets.back());
  std::vector<uint64_t> next(groups.offsets.begin(), groups.offsets.end() - 1);
  for (uint32_t text = 0; text < indices.size(); ++text) {
    for (const uint32_t label : dataset.labels(indices[text])) groups.texts[next[label]++] = text;
  }
  if (several_labels) {
    for (uint32_t text = 0; text < indices.size(); ++text) groups.texts.push_back(text);
    groups.offsets.push_back(groups.texts.size());
  }
  return groups;
}

/// The `limit` most frequent n-grams of all lengths; of equally frequent ones the bytewise first.
std::vector<Candidate> most_frequent(const NgramCounts& counts, size_t limit) {
  std::vector<Candidate> all;
  for (uint32_t level = 0; level < counts.levels.size(); ++level) {
    for (uint32_t id = 0; id < counts.levels[level].size(); ++id) all.push_back({level, id});
  }
  if (limit == 0 || all.size() <= limit) return all;

  const auto count_of = [&](Candidate c) { return counts.levels[c.level].counts[c.id]; };
  std::vector<uint32_t> sorted;
  for (const Candidate c : all) sorted.push_back(count_of(c));
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(limit - 1), sorted.end(),
                   std::greater<>());
  const uint32_t least = sorted[limit - 1];

  std::vector<Candidate> chosen;
  std::vector<std::pair<std::string, Candidate>> ties;
  for (const Candidate c : all) {
    if (count_of(c) > least) chosen.push_back(c);
    if (count_of(c) == least) ties.emplace_back(counts.ngram(c.level, c.id), c);
  }
  std::nth_element(ties.begin(), ties.begin() + static_cast<ptrdiff_t>(limit - chosen.size() - 1),
                   ties.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; chosen.size() < limit; ++i) chosen.push_back(ties[i].second);
  return chosen;
}

/// In how many texts of a class a candidate stands.
struct Entry {
  uint32_t candidate;
  uint32_t label;
  uint32_t texts;
};

/// Counts in how many texts of each class each candidate stands. Classes come one after the other,
/// so that memory grows with the pairs of n-gram and class that occur and not with their product.
class TextCounting {
 public:
  TextCounting(const NgramCounts& counts, const std::vector<Candidate>& candidates)
      : counts_(counts),
        candidate_of_(numbers_of_none(counts)),
        last_seen_(candidates.size(), kNever),
        entry_of_(candidates.size(), 0) {
    for (uint32_t c = 0; c < candidates.size(); ++c) {
      candidate_of_[candidates[c].level][candidates[c].id] = c;
    }
  }

  std::vector<Entry> count(const TextsByClass& groups) {
    for (uint32_t label = 0; label + 1 < groups.offsets.size(); ++label) {
      const size_t first_entry = entries_.size();
      for (uint64_t t = groups.offsets[label]; t < groups.offsets[label + 1]; ++t) {
        count_text(t, groups.texts[t], label, first_entry);
      }
    }
    return std::move(entries_);
  }

 private:
  static constexpr uint64_t kNever = UINT64_MAX;

  /// `position`: of this pair of text and class; the class's entries begin at `first_entry`.
  void count_text(uint64_t position, uint32_t text, uint32_t label, size_t first_entry) {
    for (size_t l = 0; l < counts_.levels.size(); ++l) {
      const MappedVector<uint32_t>& at = counts_.levels[l].at;
      for (uint64_t i = counts_.text_offsets[text]; i < counts_.text_offsets[text + 1]; ++i) {
        if (at[i] == NgramLevel::kNone) continue;
        const uint32_t c = candidate_of_[l][at[i]];
        if (c == NgramLevel::kNone || last_seen_[c] == position) continue;
        if (last_seen_[c] == kNever || entry_of_[c] < first_entry) {
          entry_of_[c] = entries_.size();
          entries_.push_back({c, label, 0});
        }
        last_seen_[c] = position;
        ++entries_[entry_of_[c]].texts;
      }
    }
  }

  const NgramCounts& counts_;
  std::vector<std::vector<uint32_t>> candidate_of_;  // of each level's n-grams
  std::vector<uint64_t> last_seen_;                  // the position where a candidate last stood
  std::vector<uint64_t> entry_of_;                   // its newest entry
  std::vector<Entry> entries_;
};

/// The entries in the candidates' order.
NgramClassCounts by_candidate(const std::vector<Entry>& entries, size_t candidates) {
  NgramClassCounts result;
  result.offsets.assign(candidates + 1, 0);
  for (const Entry& entry : entries) ++result.offsets[entry.candidate + 1];
  std::partial_sum(result.offsets.begin(), result.offsets.end(), result.offsets.begin());
  std::vector<uint64_t> next(result.offsets.begin(), result.offsets.end() - 1);
  result.classes.resize(entries.size());
  result.texts.resize(entries.size());
  for (const Entry& entry : entries) {
    const uint64_t at = next[entry.candidate]++;
    result.classes[at] = entry.label;
    result.texts[at] = entry.texts;
  }
  return result;
}

struct Telling {
  double ratio;
  uint32_t candidate;
  std::string ngram;
};

/// What is known of an n-gram's texts: those of each class, and all.
struct Presence {
  std::span<const uint32_t> classes;
  std::span<const uint32_t> texts;
  uint32_t all = 0;
};

/// Where texts may have several labels the last group, number `classes`, holds all.
Presence presence_of(const NgramClassCounts& counts, size_t ngram, size_t classes) {
  Presence presence{counts.classes_of(ngram), counts.texts_of(ngram)};
  if (!presence.classes.empty() && presence.classes.back() == classes) {
    presence.all = presence.texts.back();
    presence.classes = presence.classes.first(presence.classes.size() - 1);
    presence.texts = presence.texts.first(presence.classes.size());
  } else {
    presence.all = std::accumulate(presence.texts.begin(), presence.texts.end(), uint32_t{0});
  }
  return presence;
}

/// The likelihood ratio of an n-gram, or nothing where it does not tell the classes apart.
std::optional<double> telling_ratio(const Presence& presence, const ScreenResult& screened,
                                    const ScreenOptions& options) {
  const auto of_one_class = [&] {
    return class_likelihood_ratio(presence.classes, presence.texts, screened.class_texts,
                                  presence.all, screened.texts);
  };
  if (options.several_labels) {
    const double ratio = of_one_class();
    return ratio > options.class_threshold ? std::optional(ratio) : std::nullopt;
  }
  const double ratio = likelihood_ratio(presence.classes, presence.texts, screened.class_texts);
  const bool bounded = options.class_threshold < std::numeric_limits<double>::infinity();
  const bool tells =
      ratio > options.threshold || (bounded && of_one_class() > options.class_threshold);
  return tells ? std::optional(ratio) : std::nullopt;
}

/// `screened`: the classes' texts, those of others last where there are any.
/// The candidates above the threshold, the most telling first, at most as many as asked for.
std::vector<Telling> most_telling(const NgramCounts& counts,
                                  const std::vector<Candidate>& candidates,
                                  const NgramClassCounts& class_counts,
                                  const ScreenResult& screened, const ScreenOptions& options) {
  std::vector<Telling> telling;
  const size_t classes = screened.class_texts.size() - (options.other_texts > 0 ? 1 : 0);
  for (uint32_t c = 0; c < candidates.size(); ++c) {
    const auto ratio = telling_ratio(presence_of(class_counts, c, classes), screened, options);
    if (!ratio) continue;
    std::string ngram = counts.ngram(candidates[c].level, candidates[c].id);
    if (ngram.size() <= NgramVocabulary::kMaxBytes)
      telling.push_back({*ratio, c, std::move(ngram)});
  }
  std::sort(telling.begin(), telling.end(), [](const Telling& a, const Telling& b) {
    return a.ratio != b.ratio ? a.ratio > b.ratio : a.ngram < b.ngram;
  });
  if (options.most_telling > 0 && telling.size() > options.most_telling) {
    telling.resize(options.most_telling);
  }
  return telling;
}

}  // namespace

double likelihood_ratio(std::span<const uint32_t> classes, std::span<const uint32_t> texts,
                        std::span<const uint64_t> class_texts) {
  const auto total =
      static_cast<double>(std::accumulate(class_texts.begin(), class_texts.end(), uint64_t{0}));
  const auto present =
      static_cast<double>(std::accumulate(texts.begin(), texts.end(), uint64_t{0}));
  const double absent = total - present;
  const auto term = [&](double cell, double row, double column) {
    return cell > 0 ? cell * std::log(cell * total / (row * column)) : 0.0;
  };
  double ratio = 0;
  double listed = 0;
  for (size_t k = 0; k < classes.size(); ++k) {
    const auto column = static_cast<double>(class_texts[classes[k]]);
    const auto cell = static_cast<double>(texts[k]);
    ratio += term(cell, present, column) + term(column - cell, absent, column);
    listed += column;
  }
  // In a class that is not listed all texts lack the n-gram: n_y ln(n / n_absent) each.
  if (total > listed) ratio += (total - listed) * std::log(total / absent);
  return ratio;
}

double class_likelihood_ratio(std::span<const uint32_t> classes, std::span<const uint32_t> texts,
                              std::span<const uint64_t> class_texts, uint64_t present,
                              uint64_t total) {
  constexpr std::array<uint32_t, 2> kOneAndRest{0, 1};
  double largest = 0;
  for (size_t k = 0; k < classes.size(); ++k) {
    const uint64_t column = class_texts[classes[k]];
    const std::array<uint32_t, 2> with{texts[k], static_cast<uint32_t>(present) - texts[k]};
    const std::array<uint64_t, 2> columns{column, total - column};
    largest = std::max(largest, likelihood_ratio(kOneAndRest, with, columns));
  }
  return largest;
}

double class_screen_threshold(double nats, size_t classes, bool several_labels) {
  const double by_chance = boost::math::gamma_q(0.5, nats);
  if (by_chance == 0.0) return several_labels ? nats : std::numeric_limits<double>::infinity();
  if (classes <= 2 && !several_labels) return std::numeric_limits<double>::infinity();
  return boost::math::gamma_q_inv(0.5, by_chance / static_cast<double>(classes));
}

double screen_threshold(double nats, size_t classes) {
  const double by_chance = boost::math::gamma_q(0.5, nats);
  if (classes <= 2 || by_chance == 0.0) return nats;
  return boost::math::gamma_q_inv(0.5 * static_cast<double>(classes - 1), by_chance);
}

ScreenResult select_ngrams(const Dataset& dataset, std::span<const uint32_t> indices,
                           const Tokenizer& tokenizer, const ScreenOptions& options) {
  if (options.max_length < 1 || options.max_length > NgramVocabulary::kMaxLength) {
    fail("n-grams of up to ", options.max_length, " words; expected 1 to ",
         NgramVocabulary::kMaxLength);
  }
  const NgramCounts counts =
      count_ngrams(dataset, indices, tokenizer, options.max_length, options.min_count);
  const std::vector<Candidate> candidates = most_frequent(counts, options.frequency_limit);
  const TextsByClass groups = group_by_class(dataset, indices, options.several_labels);
  const NgramClassCounts all =
      by_candidate(TextCounting(counts, candidates).count(groups), candidates.size());

  ScreenResult result;
  result.candidates = candidates.size();
  result.texts = indices.size();
  result.class_texts.resize(dataset.classes.size());
  for (size_t c = 0; c < dataset.classes.size(); ++c) {
    result.class_texts[c] = groups.offsets[c + 1] - groups.offsets[c];
  }
  ScreenResult with_others;
  with_others.class_texts = result.class_texts;
  with_others.texts = result.texts + options.other_texts;
  if (options.other_texts > 0) with_others.class_texts.push_back(options.other_texts);
  const std::vector<Telling> telling = most_telling(counts, candidates, all, with_others, options);
  std::vector<std::string> ngrams;
  std::vector<std::vector<uint32_t>> number_of = numbers_of_none(counts);
  for (const Telling& t : telling) {
    const Candidate& candidate = candidates[t.candidate];
    number_of[candidate.level][candidate.id] = static_cast<uint32_t>(ngrams.size());
    ngrams.push_back(t.ngram);
    result.ratios.push_back(t.ratio);
    const Presence presence = presence_of(all, t.candidate, dataset.classes.size());
    result.ngram_texts.push_back(presence.all);
    NgramClassCounts& kept = result.class_counts;
    kept.classes.insert(kept.classes.end(), presence.classes.begin(), presence.classes.end());
    kept.texts.insert(kept.texts.end(), presence.texts.begin(), presence.texts.end());
    kept.offsets.push_back(kept.classes.size());
  }
  result.vocabulary = NgramVocabulary(ngrams);
  result.encoded = encode_counted(counts, number_of, options.max_tokens);
  return result;
}

}  // namespace ockham
