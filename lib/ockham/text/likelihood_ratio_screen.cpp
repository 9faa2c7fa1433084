#include "ockham/text/likelihood_ratio_screen.hpp"

#include <algorithm>
#include <cstdio>
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

/// Replaces `candidates` by those in a text of the list that is screened, in any order and number.
using CandidatesOfText = std::function<void(uint32_t text, std::vector<uint32_t>& candidates)>;

/// Counts in how many texts of each class each candidate stands. Classes come one after the other,
/// so that memory grows with the pairs of n-gram and class that occur and not with their product.
class TextCounting {
 public:
  TextCounting(size_t candidates, const CandidatesOfText& candidates_of)
      : candidates_of_(candidates_of), last_seen_(candidates, kNever), entry_of_(candidates, 0) {}

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
    candidates_of_(text, in_text_);
    for (const uint32_t c : in_text_) {
      if (last_seen_[c] == position) continue;
      if (last_seen_[c] == kNever || entry_of_[c] < first_entry) {
        entry_of_[c] = entries_.size();
        entries_.push_back({c, label, 0});
      }
      last_seen_[c] = position;
      ++entries_[entry_of_[c]].texts;
    }
  }

  const CandidatesOfText& candidates_of_;
  std::vector<uint32_t> in_text_;
  std::vector<uint64_t> last_seen_;  // the position where a candidate last stood
  std::vector<uint64_t> entry_of_;   // its newest entry
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

/// What may be chosen: how many there are, where they stand, and what they are called, which orders
/// those that are equally telling.
struct Candidates {
  size_t count = 0;
  CandidatesOfText of_text;
  std::function<std::string(uint32_t)> name;
};

/// `screened`: the classes' texts, those of others last where there are any.
/// The candidates above the threshold, the most telling first, at most as many as asked for.
std::vector<Telling> most_telling(const Candidates& candidates,
                                  const NgramClassCounts& class_counts,
                                  const ScreenResult& screened, const ScreenOptions& options) {
  std::vector<Telling> telling;
  const size_t classes = screened.class_texts.size() - (options.other_texts > 0 ? 1 : 0);
  for (uint32_t c = 0; c < candidates.count; ++c) {
    const auto ratio = telling_ratio(presence_of(class_counts, c, classes), screened, options);
    if (!ratio) continue;
    std::string name = candidates.name(c);
    if (name.size() <= NgramVocabulary::kMaxBytes) telling.push_back({*ratio, c, std::move(name)});
  }
  std::sort(telling.begin(), telling.end(), [](const Telling& a, const Telling& b) {
    return a.ratio != b.ratio ? a.ratio > b.ratio : a.ngram < b.ngram;
  });
  if (options.most_telling > 0 && telling.size() > options.most_telling) {
    telling.resize(options.most_telling);
  }
  return telling;
}

/// Counts and chooses; fills all of the result but the vocabulary and the encoded texts.
std::vector<Telling> choose(const Dataset& dataset, std::span<const uint32_t> indices,
                            const Candidates& candidates, const ScreenOptions& options,
                            ScreenResult& result) {
  const TextsByClass groups = group_by_class(dataset, indices, options.several_labels);
  const NgramClassCounts all = by_candidate(
      TextCounting(candidates.count, candidates.of_text).count(groups), candidates.count);
  result.candidates = candidates.count;
  result.texts = indices.size();
  result.class_texts.resize(dataset.classes.size());
  for (size_t c = 0; c < dataset.classes.size(); ++c) {
    result.class_texts[c] = groups.offsets[c + 1] - groups.offsets[c];
  }
  ScreenResult with_others;
  with_others.class_texts = result.class_texts;
  with_others.texts = result.texts + options.other_texts;
  if (options.other_texts > 0) with_others.class_texts.push_back(options.other_texts);
  std::vector<Telling> telling = most_telling(candidates, all, with_others, options);
  for (const Telling& t : telling) {
    result.ratios.push_back(t.ratio);
    const Presence presence = presence_of(all, t.candidate, dataset.classes.size());
    result.ngram_texts.push_back(presence.all);
    NgramClassCounts& kept = result.class_counts;
    kept.classes.insert(kept.classes.end(), presence.classes.begin(), presence.classes.end());
    kept.texts.insert(kept.texts.end(), presence.texts.begin(), presence.texts.end());
    kept.offsets.push_back(kept.classes.size());
  }
  return telling;
}

/// The buckets that are frequent enough, at most `limit` of them, in ascending order.
std::vector<uint32_t> frequent_buckets(const EncodedCorpus& corpus, size_t buckets,
                                       uint32_t min_count, size_t limit) {
  std::vector<uint32_t> counts(buckets, 0);
  for (const uint32_t bucket : corpus.ids) ++counts[bucket];
  std::vector<uint32_t> frequent;
  for (uint32_t b = 0; b < buckets; ++b) {
    if (counts[b] >= min_count) frequent.push_back(b);
  }
  if (limit == 0 || frequent.size() <= limit) return frequent;
  std::ranges::stable_sort(frequent, [&](uint32_t a, uint32_t b) { return counts[a] > counts[b]; });
  frequent.resize(limit);
  std::ranges::sort(frequent);
  return frequent;
}

}  // namespace

ScreenResult select_ngrams(const Dataset& dataset, std::span<const uint32_t> indices,
                           const Tokenizer& tokenizer, const ScreenOptions& options) {
  if (options.max_length < 1 || options.max_length > NgramVocabulary::kMaxLength) {
    fail("n-grams of up to ", options.max_length, " words; expected 1 to ",
         NgramVocabulary::kMaxLength);
  }
  const NgramCounts counts =
      count_ngrams(dataset, indices, tokenizer, options.max_length, options.min_count);
  const std::vector<Candidate> frequent = most_frequent(counts, options.frequency_limit);
  std::vector<std::vector<uint32_t>> candidate_of = numbers_of_none(counts);
  for (uint32_t c = 0; c < frequent.size(); ++c)
    candidate_of[frequent[c].level][frequent[c].id] = c;
  Candidates candidates;
  candidates.count = frequent.size();
  candidates.of_text = [&](uint32_t text, std::vector<uint32_t>& in_text) {
    in_text.clear();
    for (size_t l = 0; l < counts.levels.size(); ++l) {
      const MappedVector<uint32_t>& at = counts.levels[l].at;
      for (uint64_t i = counts.text_offsets[text]; i < counts.text_offsets[text + 1]; ++i) {
        if (at[i] == NgramLevel::kNone) continue;
        const uint32_t c = candidate_of[l][at[i]];
        if (c != NgramLevel::kNone) in_text.push_back(c);
      }
    }
  };
  candidates.name = [&](uint32_t c) { return counts.ngram(frequent[c].level, frequent[c].id); };

  ScreenResult result;
  std::vector<std::string> ngrams;
  std::vector<std::vector<uint32_t>> number_of = numbers_of_none(counts);
  for (const Telling& t : choose(dataset, indices, candidates, options, result)) {
    const Candidate& candidate = frequent[t.candidate];
    number_of[candidate.level][candidate.id] = static_cast<uint32_t>(ngrams.size());
    ngrams.push_back(t.ngram);
  }
  result.vocabulary = NgramVocabulary(ngrams);
  result.encoded = encode_counted(counts, number_of, options.max_tokens);
  return result;
}

ScreenResult select_buckets(const Dataset& dataset, std::span<const uint32_t> indices,
                            const Tokenizer& tokenizer, const NgramHashing& hashing,
                            const ScreenOptions& options) {
  const Vocabulary whole = HashedVocabulary::whole(hashing);
  const EncodedCorpus corpus = encode_corpus(dataset, indices, tokenizer, whole);
  const std::vector<uint32_t> frequent =
      frequent_buckets(corpus, whole.size(), options.min_count, options.frequency_limit);
  const std::vector<uint32_t> candidate_of = renumbering(frequent, whole.size());
  Candidates candidates;
  candidates.count = frequent.size();
  candidates.of_text = [&](uint32_t text, std::vector<uint32_t>& in_text) {
    in_text.clear();
    for (const uint32_t bucket : corpus.tokens(text)) {
      if (candidate_of[bucket] != kDropped) in_text.push_back(candidate_of[bucket]);
    }
  };
  candidates.name = [&](uint32_t c) {
    char name[16];
    std::snprintf(name, sizeof name, "%08x", frequent[c]);
    return std::string(name);
  };

  ScreenResult result;
  std::vector<uint32_t> buckets;
  for (const Telling& t : choose(dataset, indices, candidates, options, result)) {
    buckets.push_back(frequent[t.candidate]);
  }
  result.vocabulary = HashedVocabulary(hashing, buckets);
  result.encoded = without_words(corpus, renumbering(buckets, whole.size()));
  cut_texts(result.encoded, options.max_tokens);
  return result;
}

}  // namespace ockham
