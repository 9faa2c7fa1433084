#include "ockham/train/encode_texts.hpp"

#include <algorithm>

#include "ockham/text/length_token.hpp"

namespace ockham {

/// The texts are cut into fixed ranges, encoded by whoever is free and joined in order; so many at
/// a time as keep all threads at work, and no more, for they are held twice until they are joined.
EncodedCorpus encode_texts(const Dataset& dataset, std::span<const uint32_t> indices,
                           const Tokenizer& tokenizer, const Vocabulary& vocabulary,
                           size_t max_tokens, ThreadPool& pool) {
  constexpr size_t kTexts = 1024;
  const size_t at_once = 8 * pool.size();
  EncodedCorpus corpus{.ids = MappedVector<uint32_t>(dataset.arena.place())};
  while (!indices.empty()) {
    std::vector<EncodedCorpus> parts(std::min(at_once, (indices.size() + kTexts - 1) / kTexts));
    pool.for_each(parts.size(), [&](size_t i) {
      const auto range = indices.subspan(i * kTexts, std::min(kTexts, indices.size() - i * kTexts));
      parts[i] = encode_corpus(dataset, range, tokenizer, vocabulary, max_tokens);
    });
    for (const EncodedCorpus& part : parts) append(part, corpus);
    indices = indices.subspan(std::min(parts.size() * kTexts, indices.size()));
  }
  corpus.ids.shrink_to_fit();
  return corpus;
}

std::vector<uint8_t> length_words(const Vocabulary& vocabulary) {
  std::vector<uint8_t> marks(vocabulary.size(), 0);
  for (const std::string& token : all_length_tokens()) {
    const uint32_t id = vocabulary.find(token);
    if (id != Vocabulary::kNotFound) marks[id] = 1;
  }
  return marks;
}

}  // namespace ockham
