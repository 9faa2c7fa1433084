#include "ockham/text/ngram_counts.hpp"

#include <algorithm>
#include <numeric>

#include "ockham/text/pair_table.hpp"

namespace ockham {
namespace {

constexpr uint32_t kNone = NgramLevel::kNone;

/// Drops the n-grams below `min_count` and renumbers the others in the same order.
void keep_frequent(uint32_t min_count, NgramLevel& level) {
  std::vector<uint32_t> new_id(level.size(), kNone);
  uint32_t kept = 0;
  for (uint32_t id = 0; id < level.size(); ++id) {
    if (level.counts[id] < min_count) continue;
    level.counts[kept] = level.counts[id];
    level.prefix[kept] = level.prefix[id];
    level.word[kept] = level.word[id];
    new_id[id] = kept++;
  }
  level.counts.resize(kept);
  level.prefix.resize(kept);
  level.word.resize(kept);
  for (uint32_t& id : level.at) {
    if (id != kNone) id = new_id[id];
  }
}

NgramLevel count_words(const Dataset& dataset, std::span<const uint32_t> indices,
                       const Tokenizer& tokenizer, NgramCounts& counts) {
  NgramLevel level{.at = MappedVector<uint32_t>(dataset.arena.place())};
  TokenBuffer tokens;
  for (const uint32_t index : indices) {
    visit_tokens(tokenizer, dataset.text(index), tokens, [&](const TokenBuffer& some) {
      for (size_t i = 0; i < some.size(); ++i) level.at.push_back(counts.words.insert(some[i]));
    });
    counts.text_offsets.push_back(level.at.size());
  }
  level.at.shrink_to_fit();
  level.counts.resize(counts.words.size());
  level.prefix.assign(counts.words.size(), kNone);
  level.word.resize(counts.words.size());
  for (const uint32_t word : level.at) ++level.counts[word];
  std::iota(level.word.begin(), level.word.end(), 0u);
  return level;
}

/// Counts the n-grams one word longer than those of `shorter`. An n-gram can only be frequent where
/// the shorter ones it starts and ends with are, so no others are looked at.
NgramLevel count_longer(const NgramCounts& counts, const NgramLevel& shorter) {
  constexpr size_t kAhead = 12;  // positions between a prefetch and its use
  const MappedVector<uint32_t>& word_at = counts.levels[0].at;
  const auto possible = [&](size_t i) {
    return shorter.at[i - 1] != kNone && shorter.at[i] != kNone;
  };
  NgramLevel level{.at = MappedVector<uint32_t>(shorter.at.place())};
  level.at.reserve(shorter.at.size());
  PairTable table;
  for (size_t text = 0; text < counts.texts(); ++text) {
    const size_t begin = counts.text_offsets[text];
    const size_t end = counts.text_offsets[text + 1];
    if (begin < end) level.at.push_back(kNone);
    for (size_t i = begin + 1; i < end; ++i) {
      const size_t later = i + kAhead;
      if (later < end && possible(later)) table.prefetch(shorter.at[later - 1], word_at[later]);
      level.at.push_back(possible(i) ? table.count(shorter.at[i - 1], word_at[i]) : kNone);
    }
  }
  level.counts.resize(table.size());
  level.prefix.resize(table.size());
  level.word.resize(table.size());
  table.for_each([&](const PairTable::Slot& slot) {
    level.counts[slot.id] = slot.count;
    level.prefix[slot.id] = slot.first;
    level.word[slot.id] = slot.second;
  });
  return level;
}

}  // namespace

std::string NgramCounts::ngram(size_t level, uint32_t id) const {
  if (level == 0) return std::string(words[levels[0].word[id]]);
  const NgramLevel& own = levels[level];
  return ngram(level - 1, own.prefix[id]) + " " + ngram(0, own.word[id]);
}

NgramCounts count_ngrams(const Dataset& dataset, std::span<const uint32_t> indices,
                         const Tokenizer& tokenizer, uint32_t max_length, uint32_t min_count) {
  NgramCounts counts;
  counts.levels.push_back(count_words(dataset, indices, tokenizer, counts));
  keep_frequent(min_count, counts.levels[0]);
  while (counts.levels.size() < max_length) {
    NgramLevel level = count_longer(counts, counts.levels.back());
    keep_frequent(min_count, level);
    counts.levels.push_back(std::move(level));
  }
  return counts;
}

EncodedCorpus encode_counted(const NgramCounts& counts,
                             std::span<const std::vector<uint32_t>> number_of, size_t max_tokens) {
  EncodedCorpus corpus{.ids = MappedVector<uint32_t>(counts.levels[0].at.place())};
  corpus.offsets.reserve(counts.text_offsets.size());
  for (size_t text = 0; text < counts.texts(); ++text) {
    for (size_t i = counts.text_offsets[text]; i < counts.text_offsets[text + 1]; ++i) {
      for (size_t l = 0; l < counts.levels.size(); ++l) {
        const uint32_t id = counts.levels[l].at[i];
        if (id == kNone) break;  // nor is a longer n-gram frequent that ends here
        if (number_of[l][id] != kNone) corpus.ids.push_back(number_of[l][id]);
      }
    }
    if (max_tokens > 0) {
      corpus.ids.truncate(std::min<size_t>(corpus.ids.size(), corpus.offsets.back() + max_tokens));
    }
    corpus.offsets.push_back(corpus.ids.size());
  }
  corpus.ids.shrink_to_fit();
  return corpus;
}

}  // namespace ockham
