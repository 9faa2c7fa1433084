#pragma once

#include <string>
#include <string_view>

#include "ockham/text/subword_model.hpp"

namespace ockham {

/// A subword model in SentencePiece's own format (sentencepiece_model.proto, of which this is the
/// part that says how to cut a text), so that other programs can open what Ockham writes. Costs are
/// rounded to SubwordModel's steps when they are read.

/// The bytes of a `tokenizer.model`.
std::string write_sentencepiece(const SubwordModel& model);

/// Throws Error, beginning with `source`, for anything that is no unigram or BPE model, or one that
/// Ockham cannot follow: user-defined symbols, or pieces that SubwordModel refuses. Bytes may be
/// hostile.
SubwordModel read_sentencepiece(std::string_view bytes, const std::string& source);

}  // namespace ockham
