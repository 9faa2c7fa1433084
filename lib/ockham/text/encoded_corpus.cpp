#include "ockham/text/encoded_corpus.hpp"

#include <algorithm>
#include <cassert>

namespace ockham {

std::vector<uint32_t> EncodedCorpus::lengths() const {
  std::vector<uint32_t> result(size());
  for (size_t i = 0; i < size(); ++i) result[i] = static_cast<uint32_t>(length(i));
  return result;
}

void TextEncoder::append(const TokenBuffer& tokens, EncodedCorpus& corpus) {
  vocabulary_.encode(tokens, open_, corpus.ids);
  if (max_tokens_ == 0) return;
  const uint64_t first = corpus.offsets.back();
  corpus.ids.truncate(first + std::min<size_t>(corpus.ids.size() - first, max_tokens_));
}

void TextEncoder::finish(std::string_view rest, EncodedCorpus& corpus) {
  visit_tokens(
      tokenizer_, rest, tokens_, [&](const TokenBuffer& tokens) { append(tokens, corpus); },
      token_count_);
  corpus.offsets.push_back(corpus.ids.size());
  open_ = {};
  token_count_ = 0;
}

void TextEncoder::encode(std::string_view text, EncodedCorpus& corpus) {
  finish(text, corpus);
}

void TextEncoder::add(std::string_view part, EncodedCorpus& corpus) {
  pending_.append(part);
  std::string_view rest = pending_;
  while (const size_t length = piece_length(rest, false)) {
    tokenizer_.split(rest.substr(0, length), tokens_);
    token_count_ += tokens_.size();
    append(tokens_, corpus);
    rest.remove_prefix(length);
  }
  pending_.erase(0, pending_.size() - rest.size());
}

void TextEncoder::end(EncodedCorpus& corpus) {
  finish(pending_, corpus);
  pending_.clear();
}

EncodedCorpus encode_corpus(const Dataset& dataset, std::span<const uint32_t> indices,
                            const Tokenizer& tokenizer, const Vocabulary& vocabulary,
                            size_t max_tokens) {
  EncodedCorpus corpus{.ids = MappedVector<uint32_t>(dataset.arena.place())};
  TextEncoder encoder(tokenizer, vocabulary, max_tokens);
  for (const uint32_t index : indices) encoder.encode(dataset.text(index), corpus);
  return corpus;
}

void append(const EncodedCorpus& part, EncodedCorpus& corpus) {
  const uint64_t base = corpus.ids.size();
  corpus.ids.append(part.ids.span());
  for (size_t i = 1; i < part.offsets.size(); ++i) {
    corpus.offsets.push_back(base + part.offsets[i]);
  }
}

void drop_words(EncodedCorpus& corpus, std::span<const uint32_t> new_id) {
  corpus.ids.expect(Access::in_order);
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
  corpus.ids.truncate(written);
  corpus.ids.shrink_to_fit();
}

EncodedCorpus without_words(const EncodedCorpus& corpus, std::span<const uint32_t> new_id) {
  corpus.ids.expect(Access::in_order);
  EncodedCorpus result{.ids = MappedVector<uint32_t>(corpus.ids.place())};
  result.offsets.reserve(corpus.offsets.size());
  for (size_t text = 0; text < corpus.size(); ++text) {
    for (const uint32_t word : corpus.tokens(text)) {
      assert(word < new_id.size());
      if (new_id[word] != kDropped) result.ids.push_back(new_id[word]);
    }
    result.offsets.push_back(result.ids.size());
  }
  result.ids.shrink_to_fit();
  return result;
}

void cut_texts(EncodedCorpus& corpus, size_t max_tokens) {
  if (max_tokens == 0) return;
  size_t written = 0, begin = 0;
  for (size_t text = 0; text < corpus.size(); ++text) {
    const size_t end = corpus.offsets[text + 1];
    for (size_t i = begin; i < std::min(end, begin + max_tokens); ++i) {
      corpus.ids[written++] = corpus.ids[i];
    }
    corpus.offsets[text + 1] = written;
    begin = end;
  }
  corpus.ids.truncate(written);
}

std::vector<uint32_t> renumbering(std::span<const uint32_t> kept, size_t old_size) {
  std::vector<uint32_t> new_id(old_size, kDropped);
  for (uint32_t i = 0; i < kept.size(); ++i) new_id[kept[i]] = i;
  return new_id;
}

}  // namespace ockham
