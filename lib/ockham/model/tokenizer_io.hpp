#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "ockham/text/ngram_vocabulary.hpp"
#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// A tokenizer's kind and options as one JSON object, e.g. {"type":"word","lower_case":true}.
std::string tokenizer_json(const Tokenizer& tokenizer);
/// The inverse. Throws Error that starts with `source`: a kind or an option that is unknown.
std::shared_ptr<const Tokenizer> parse_tokenizer(const std::string& json,
                                                 const std::string& source);

/// tokenizer.json: the tokenizer and the n-grams in the order of the embedding's rows.
void save_tokenizer(const std::filesystem::path& file, const Tokenizer& tokenizer,
                    const NgramVocabulary& vocabulary);

struct LoadedTokenizer {
  std::shared_ptr<const Tokenizer> tokenizer;
  NgramVocabulary vocabulary;
};
LoadedTokenizer load_tokenizer(const std::filesystem::path& file);

}  // namespace ockham
