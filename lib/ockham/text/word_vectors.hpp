#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ockham/tensor/matrix.hpp"
#include "ockham/text/byte_source.hpp"
#include "ockham/text/unicode.hpp"

namespace ockham {

/// What a file of word vectors says of some words.
struct WordVectors {
  Matrix values;               ///< [wanted, dimensions]; zeros where there is none
  std::vector<uint8_t> found;  ///< [wanted]
  uint64_t file_words = 0;     ///< lines that hold a vector

  size_t dimensions() const { return values.cols(); }
  size_t matched() const;
};

/// The width of a file's vectors, from its first line. Throws Error as read_word_vectors() does.
size_t word_vector_dimensions(std::unique_ptr<ByteSource> source, const std::string& name);

/// Reads word vectors as word2vec's text format, GloVe and fastText (.vec) write them: a line a
/// word, the word and its numbers separated by spaces; a first line of two whole numbers, how many
/// words and dimensions, may stand before them. Only the wanted words are kept in memory.
///
/// A word of the file is brought into the tokenizer's `form` before it is compared; one that is in
/// that form as it stands wins over others, the first of several wins. `name` stands in messages.
/// Throws Error with file:line: a line with too few or unreadable numbers, a file without vectors.
WordVectors read_word_vectors(std::unique_ptr<ByteSource> source, const std::string& name,
                              std::span<const std::string> wanted, const TextForm& form);

}  // namespace ockham
