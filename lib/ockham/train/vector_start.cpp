#include "ockham/train/vector_start.hpp"

#include <algorithm>
#include <filesystem>
#include <span>
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

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::span<const char> bytes) : left_(bytes) {}

  size_t read(char* target, size_t capacity) override {
    const size_t count = std::min(capacity, left_.size());
    std::ranges::copy(left_.first(count), target);
    left_ = left_.subspan(count);
    return count;
  }

 private:
  std::span<const char> left_;
};

/// Standard input and pipes are; what is not there at all is told of where it is opened.
bool is_there_once(const std::string& path) {
  std::error_code ignored;
  const auto type = std::filesystem::status(path, ignored).type();
  return path == "-" || type == std::filesystem::file_type::fifo ||
         type == std::filesystem::file_type::character ||
         type == std::filesystem::file_type::socket;
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

VectorFile::VectorFile(std::string path, SpillPlace place)
    : path_(std::move(path)), once_(is_there_once(path_)), kept_(std::move(place)) {
  if (!once_) return;
  const auto source = open_byte_source(path_);
  std::vector<char> block(size_t{1} << 16);
  while (const size_t count = source->read(block.data(), block.size())) {
    kept_.append(std::span<const char>(block).first(count));
  }
  if (kept_.empty()) fail(name(), ": is empty; expected word vectors");
}

std::unique_ptr<ByteSource> VectorFile::open() const {
  if (!once_) return decompressed(open_byte_source(path_), name());
  return decompressed(std::make_unique<MemorySource>(kept_.span()), name());
}

size_t VectorFile::dimensions() const {
  return word_vector_dimensions(open(), name());
}

VectorStart start_from_vectors(const VectorFile& file, const Vocabulary& vocabulary,
                               const TokenizerOptions& text, Parameter& embedding) {
  StringTable words;
  std::vector<std::string> names;
  for (const std::string& ngram : vocabulary.ngrams()) {
    for_each_word(ngram, [&](std::string_view word) {
      if (words.insert(word) == names.size()) names.emplace_back(word);
    });
  }
  const std::string name = file.name();
  const WordVectors vectors = read_word_vectors(file.open(), name, names, text_form(text));
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

}  // namespace ockham
