#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "ockham/bayes/parameter.hpp"
#include "ockham/tensor/mapped_vector.hpp"
#include "ockham/text/byte_source.hpp"
#include "ockham/text/tokenizer_options.hpp"
#include "ockham/text/vocabulary.hpp"

namespace ockham {

/// A file of word vectors (word_vectors.hpp; gzip and zstd too), which is read twice: for its
/// width, which the network hangs on, and for the words that the network knows then.
class VectorFile {
 public:
  /// `path`: a file, or "-". Standard input and pipes, which are there once, are kept as they came:
  /// in memory, or in a temporary file at `place` where they are large. Throws Error where what is
  /// kept cannot be read or is empty.
  explicit VectorFile(std::string path, SpillPlace place = {});

  std::string name() const { return display_name(path_); }
  /// Of each vector. Throws Error as reading does.
  size_t dimensions() const;
  /// The file from its beginning, decompressed. The source must not outlive this.
  std::unique_ptr<ByteSource> open() const;

 private:
  std::string path_;
  bool once_;  // it is no file that can be opened again
  MappedVector<char> kept_;
};

/// What a file of word vectors gave an embedding.
struct VectorStart {
  size_t dimensions = 0;
  uint64_t file_words = 0;  ///< in the file
  size_t words = 0;         ///< different words in the vocabulary's n-grams
  size_t matched = 0;       ///< of them in the file
  size_t ngrams = 0;        ///< that start from vectors
};

/// Starts an embedding [n-grams, dimensions] from word vectors: an n-gram from the mean of its
/// words' vectors where all of them are in the file; the others keep their start. Throws Error
/// where the file's vectors have another width.
VectorStart start_from_vectors(const VectorFile& file, const Vocabulary& vocabulary,
                               const TokenizerOptions& text, Parameter& embedding);

}  // namespace ockham
