// Any bytes as a file of word vectors.
#include "ockham/text/word_vectors.hpp"

#include <cmath>

#include "tests/fuzz/fuzz_records.hpp"

namespace ockham {
namespace {

/// The vectors of some words, or the Error, as one text.
std::string vectors(std::unique_ptr<ByteSource> source) {
  const std::vector<std::string> wanted{"a", "b c", "1", "é"};
  std::string seen;
  try {
    const WordVectors found = read_word_vectors(std::move(source), "fuzz", wanted, {});
    require(found.file_words > 0 && found.matched() <= wanted.size());
    require(found.dimensions() > 0 && found.values.rows() == wanted.size());
    for (const float value : found.values.values()) {
      require(std::isfinite(value));
      seen += std::to_string(value) + " ";
    }
    seen += std::to_string(found.file_words);
  } catch (const Error& error) {
    seen = error.what();
    require(seen.starts_with("fuzz:") && seen.find('\n') == std::string::npos);
    require_utf8(seen);
  }
  return seen;
}

}  // namespace
}  // namespace ockham

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ockham;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  require(vectors(std::make_unique<StringSource>(bytes)) ==
          vectors(std::make_unique<DripSource>(bytes)));
  try {
    require(word_vector_dimensions(std::make_unique<StringSource>(bytes), "fuzz") > 0);
  } catch (const Error&) {
  }
  return 0;
}
