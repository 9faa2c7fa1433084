#include "ockham/nn/distinct_words.hpp"

#include <numeric>

#include "ockham/tensor/indices.hpp"

namespace ockham {

DistinctWords::DistinctWords(const TokenBatch& batch, size_t vocabulary, NoiseScope scope)
    : number(batch.words.size()), by_word(batch.words.size()), place(batch.words.size()) {
  if (scope == NoiseScope::row) {
    words = batch.words;
    draws = number = by_word = place = counting(words.size());
    begin = counting(words.size() + 1);
    return;
  }
  const bool by_sequence = scope == NoiseScope::sequence;
  // A word's number holds if it was given in this sequence or, where they share it, in any.
  std::vector<uint32_t> number_of(vocabulary, 0);
  std::vector<uint32_t> count;
  for (uint32_t b = 0; b < batch.size(); ++b) {
    const auto first = by_sequence ? static_cast<uint32_t>(words.size()) : 0;
    for (size_t i = batch.offsets[b]; i < batch.offsets[b + 1]; ++i) {
      const uint32_t word = batch.words[i];
      uint32_t& n = number_of[word];
      if (n < first || n >= words.size() || words[n] != word) {
        n = static_cast<uint32_t>(words.size());
        words.push_back(word);
        if (by_sequence) draws.push_back(b);
        count.push_back(0);
      }
      number[i] = n;
      ++count[n];
    }
  }
  begin.assign(words.size() + 1, 0);
  std::partial_sum(count.begin(), count.end(), begin.begin() + 1);
  std::vector<uint32_t> next(begin.begin(), begin.end() - 1);
  for (uint32_t i = 0; i < number.size(); ++i) {
    place[i] = next[number[i]]++;
    by_word[place[i]] = i;
  }
}

}  // namespace ockham
