#include "ockham/text/encoded_corpus.hpp"

#include <algorithm>
#include <cassert>

namespace ockham {

std::vector<uint32_t> EncodedCorpus::lengths() const {
  std::vector<uint32_t> result(size());
  for (size_t i = 0; i < size(); ++i) result[i] = static_cast<uint32_t>(length(i));
  return result;
}

void TextEncoder::encode(std::string_view text, EncodedCorpus& corpus) {
  tokenizer_.split(text, tokens_);
  vocabulary_.encode(tokens_, corpus.ids);
  if (max_tokens_ > 0) {
    const uint64_t first = corpus.offsets.back();
    corpus.ids.resize(first + std::min<size_t>(corpus.ids.size() - first, max_tokens_));
  }
  corpus.offsets.push_back(corpus.ids.size());
}

EncodedCorpus encode_corpus(const Dataset& dataset, std::span<const uint32_t> indices,
                            const Tokenizer& tokenizer, const NgramVocabulary& vocabulary,
                            size_t max_tokens) {
  EncodedCorpus corpus;
  TextEncoder encoder(tokenizer, vocabulary, max_tokens);
  for (const uint32_t index : indices) encoder.encode(dataset.text(index), corpus);
  return corpus;
}

void drop_words(EncodedCorpus& corpus, std::span<const uint32_t> new_id) {
  size_t read = 0;
  size_t written = 0;
  for (size_t text = 0; text < corpus.size(); ++text) {
    for (const size_t end = corpus.offsets[text + 1]; read < end; ++read) {
      assert(corpus.ids[read] < new_id.size());
      const uint32_t id = new_id[corpus.ids[read]];
      if (id != kDropped) corpus.ids[written++] = id;
    }
    corpus.offsets[text + 1] = written;
  }
  corpus.ids.resize(written);
}

std::vector<uint32_t> renumbering(std::span<const uint32_t> kept, size_t old_size) {
  std::vector<uint32_t> new_id(old_size, kDropped);
  for (uint32_t i = 0; i < kept.size(); ++i) new_id[kept[i]] = i;
  return new_id;
}

}  // namespace ockham
