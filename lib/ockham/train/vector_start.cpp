#include "ockham/train/vector_start.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"
#include "ockham/text/decompress.hpp"
#include "ockham/text/string_table.hpp"
#include "ockham/text/word_vectors.hpp"

namespace ockham {
namespace {

std::unique_ptr<ByteSource> open_vectors(const std::string& path) {
  return decompressed(open_byte_source(path), display_name(path));
}

/// Mean of the words' vectors in `row`; false, and nothing done, where one is missing.
bool take_mean(std::string_view ngram, const StringTable& words, const WordVectors& vectors,
               std::span<float> row) {
  std::vector<uint32_t> ids;
  bool all = true;
  for_each_word(ngram, [&](std::string_view word) {
    ids.push_back(words.find(word));
    all &= vectors.found[ids.back()] != 0;
  });
  if (!all) return false;
  std::ranges::fill(row, 0.0f);
  for (const uint32_t id : ids) {
    add_scaled(1.0f / static_cast<float>(ids.size()), vectors.values.view().row_span(id), row);
  }
  return true;
}

}  // namespace

VectorStart start_from_vectors(const std::string& path, const Vocabulary& vocabulary,
                               const TokenizerOptions& text, Parameter& embedding) {
  StringTable words;
  std::vector<std::string> names;
  for (const std::string& ngram : vocabulary.ngrams()) {
    for_each_word(ngram, [&](std::string_view word) {
      if (words.insert(word) == names.size()) names.emplace_back(word);
    });
  }
  const std::string name = display_name(path);
  const WordVectors vectors = read_word_vectors(open_vectors(path), name, names, text_form(text));
  if (vectors.dimensions() != embedding.cols()) {
    fail(name, ": its vectors have ", vectors.dimensions(), " numbers, but words have ",
         embedding.cols(), " dimensions; leave out --embedding");
  }
  VectorStart start{vectors.dimensions(), vectors.file_words, names.size(), vectors.matched(), 0};
  for (uint32_t id = 0; id < vocabulary.size(); ++id) {
    start.ngrams +=
        take_mean(vocabulary.ngram(id), words, vectors, embedding.mean.view().row_span(id));
  }
  return start;
}

size_t vector_dimensions(const std::string& path) {
  return word_vector_dimensions(open_vectors(path), display_name(path));
}

}  // namespace ockham
