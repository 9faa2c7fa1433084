#pragma once

#include <cstdint>
#include <string>

#include "ockham/bayes/parameter.hpp"
#include "ockham/text/tokenizer_options.hpp"
#include "ockham/text/vocabulary.hpp"

namespace ockham {

/// What a file of word vectors gave an embedding.
struct VectorStart {
  size_t dimensions = 0;
  uint64_t file_words = 0;  ///< in the file
  size_t words = 0;         ///< different words in the vocabulary's n-grams
  size_t matched = 0;       ///< of them in the file
  size_t ngrams = 0;        ///< that start from vectors
};

/// Starts an embedding [n-grams, dimensions] from the word vectors in a file (word_vectors.hpp;
/// gzip and zstd too): an n-gram from the mean of its words' vectors where all of them are in the
/// file; the others keep their start. Throws Error where the file's vectors have another width.
VectorStart start_from_vectors(const std::string& path, const Vocabulary& vocabulary,
                               const TokenizerOptions& text, Parameter& embedding);

/// The width of a file's vectors. Throws Error as reading it does.
size_t vector_dimensions(const std::string& path);

}  // namespace ockham
