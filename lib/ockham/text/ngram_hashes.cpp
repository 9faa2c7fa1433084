#include "ockham/text/ngram_hashes.hpp"

#include <algorithm>

#include "ockham/text/hash.hpp"
#include "ockham/text/hashed_vocabulary.hpp"

namespace ockham {

NgramHashes count_ngram_hashes(const Dataset& dataset, const Tokenizer& tokenizer,
                               uint32_t max_length, size_t most) {
  std::vector<uint64_t> all;
  TokenBuffer tokens;
  size_t text = 0;
  for (; text < dataset.size() && all.size() < most; ++text) {
    OpenNgrams open;
    visit_tokens(tokenizer, dataset.text(text), tokens, [&](const TokenBuffer& piece) {
      for (size_t i = 0; i < piece.size(); ++i) {
        visit_ngrams(hash_bytes(piece[i]), max_length, open,
                     [&](uint64_t ngram) { all.push_back(ngram); });
      }
    });
  }
  std::ranges::sort(all);
  NgramHashes result;
  result.all = text == dataset.size();
  for (size_t i = 0; i < all.size();) {
    size_t end = i;
    while (end < all.size() && all[end] == all[i]) ++end;
    result.hashes.push_back(all[i]);
    result.counts.push_back(static_cast<uint32_t>(end - i));
    i = end;
  }
  return result;
}

uint64_t hash_ngram(std::string_view ngram) {
  uint64_t hash = 0;
  bool first = true;
  for_each_word(ngram, [&](std::string_view word) {
    hash = first ? hash_bytes(word) : NgramHashing::extend(hash, hash_bytes(word));
    first = false;
  });
  return hash;
}

}  // namespace ockham
