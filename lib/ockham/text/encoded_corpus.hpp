#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ockham/tensor/mapped_vector.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/text/tokenizer.hpp"
#include "ockham/text/vocabulary.hpp"

namespace ockham {

/// Marks a word that leaves the sequences in drop_words().
inline constexpr uint32_t kDropped = UINT32_MAX;

/// Texts as sequences of n-gram numbers: text i is ids[offsets[i]] .. ids[offsets[i + 1]). The
/// numbers are in a temporary file when they are many.
struct EncodedCorpus {
  MappedVector<uint32_t> ids;
  std::vector<uint64_t> offsets{0};

  size_t size() const { return offsets.size() - 1; }
  size_t length(size_t i) const { return offsets[i + 1] - offsets[i]; }
  std::span<const uint32_t> tokens(size_t i) const { return {ids.data() + offsets[i], length(i)}; }
  std::vector<uint32_t> lengths() const;

  friend bool operator==(const EncodedCorpus&, const EncodedCorpus&) = default;
};

/// Encodes texts one after the other with the same scratch memory; one object per thread. The
/// tokenizer and the vocabulary must outlive it.
class TextEncoder {
 public:
  /// `max_tokens` > 0 cuts every sequence after so many n-grams.
  TextEncoder(const Tokenizer& tokenizer, const Vocabulary& vocabulary, size_t max_tokens = 0)
      : tokenizer_(tokenizer), vocabulary_(vocabulary), max_tokens_(max_tokens) {}
  TextEncoder(const Tokenizer&, Vocabulary&&, size_t = 0) = delete;  // it must outlive this

  /// Appends a text to `corpus`.
  void encode(std::string_view text, EncodedCorpus& corpus);

  /// Appends the next part of a text that is too long to be held in memory; end() closes it. The
  /// same numbers as encode() gives for the whole, whatever the parts. Memory beyond the numbers: a
  /// part and a piece (text_pieces.hpp).
  void add(std::string_view part, EncodedCorpus& corpus);
  void end(EncodedCorpus& corpus);

 private:
  void append(const TokenBuffer& tokens, EncodedCorpus& corpus);
  void finish(std::string_view rest, EncodedCorpus& corpus);

  const Tokenizer& tokenizer_;
  const Vocabulary& vocabulary_;
  size_t max_tokens_;
  TokenBuffer tokens_;
  // Of the text at work:
  OpenNgrams open_;
  size_t token_count_ = 0;
  std::string pending_;  // the beginning of a piece whose end has not come
};

/// Text k of the result is text indices[k] of the dataset.
EncodedCorpus encode_corpus(const Dataset& dataset, std::span<const uint32_t> indices,
                            const Tokenizer& tokenizer, const Vocabulary& vocabulary,
                            size_t max_tokens = 0);

/// Appends the texts of `part`.
void append(const EncodedCorpus& part, EncodedCorpus& corpus);

/// Replaces every number by new_id[number], in place; a word whose new number is kDropped leaves
/// the sequences and takes no time step any more.
void drop_words(EncodedCorpus& corpus, std::span<const uint32_t> new_id);

/// A copy without the words that drop_words() drops.
EncodedCorpus without_words(const EncodedCorpus& corpus, std::span<const uint32_t> new_id);

/// Cuts every sequence after so many n-grams; 0: never.
void cut_texts(EncodedCorpus& corpus, size_t max_tokens);

/// The new numbers that select(kept) gives, for drop_words(): new_id[kept[i]] = i, else kDropped.
std::vector<uint32_t> renumbering(std::span<const uint32_t> kept, size_t old_size);

}  // namespace ockham
