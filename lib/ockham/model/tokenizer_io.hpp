#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "ockham/text/tokenizer.hpp"
#include "ockham/text/vocabulary.hpp"

namespace ockham {

/// A tokenizer is saved as `tokenizer.json`, its kind and options as one JSON object, e.g.
/// {"type":"word","lower_case":true}. Subwords have the pieces in `tokenizer.model` beside it,
/// which SentencePiece can open too.
inline constexpr const char* kTokenizerFile = "tokenizer.json";
inline constexpr const char* kSubwordFile = "tokenizer.model";

/// Into an existing folder, with the n-grams in the order of the embedding's rows: their words as
/// "ngrams", or "hashing" and "buckets".
void save_tokenizer(const std::filesystem::path& folder, const Tokenizer& tokenizer,
                    const Vocabulary& vocabulary);
/// A tokenizer alone, as `ockham tokenizer` leaves it.
void save_tokenizer(const std::filesystem::path& folder, const Tokenizer& tokenizer);

/// What save_tokenizer() writes into tokenizer.json.
std::string tokenizer_json(const Tokenizer& tokenizer, const Vocabulary& vocabulary);

struct LoadedTokenizer {
  std::shared_ptr<const Tokenizer> tokenizer;
  Vocabulary vocabulary;
};
/// Throws Error that starts with the file's name: missing, damaged, a kind or an option that is
/// unknown.
LoadedTokenizer load_tokenizer(const std::filesystem::path& folder);

/// The tokenizer of any folder that holds one, also a model's, to train another model with. Whether
/// it gives length tokens is said anew. Throws Error that names the folder.
std::shared_ptr<const Tokenizer> load_bare_tokenizer(const std::filesystem::path& folder,
                                                     bool length_token);

}  // namespace ockham
