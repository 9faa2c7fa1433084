#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "ockham/text/subword_model.hpp"
#include "ockham/text/tokenizer_options.hpp"

namespace ockham {

struct SubwordTraining {
  SubwordKind kind = SubwordKind::unigram;
  size_t vocabulary_size = 8000;     ///< at most so many pieces; a small text gives fewer
  size_t sample_bytes = 10'000'000;  ///< of a longer list, a random sample of so many bytes

  bool operator==(const SubwordTraining&) const = default;
};

/// Learns the pieces of a SentencePiece model from texts as the tokenizer will see them. The same
/// texts always give the same model. `name` says in messages where the texts are from. Throws Error
/// for texts without a word, or of more different characters than pieces are wanted.
///
/// SentencePiece's own log is switched off for the whole program.
SubwordModel train_subwords(std::span<const std::string_view> texts,
                            const TokenizerOptions& options, const SubwordTraining& training,
                            const std::string& name);

}  // namespace ockham
