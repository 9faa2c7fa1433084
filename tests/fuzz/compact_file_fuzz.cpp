// Feeds a fuzzer's bytes to the reader of deployable files as a file with a right checksum, and
// runs what comes out. Anything but an Error or a working model is a finding.
//   clang++ ... -fsanitize=fuzzer,address,undefined;  fuzz_compact_file -max_len=400 CORPUS_FOLDER
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ockham/deploy/compact_file.hpp"
#include "ockham/deploy/compact_header.hpp"
#include "ockham/deploy/engine.hpp"
#include "ockham/tensor/error.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void decode_and_run(const std::string& bytes) {
  using namespace ockham;
  const FoldedModel model = decode_compact(bytes, "fuzz");
  const WeightFormat format = summarize_compact(bytes, "fuzz").format;
  const FoldedModel again = decode_compact(encode_compact(model, format), "again");
  require(again.vocabulary.ngrams() == model.vocabulary.ngrams() && again.cell == model.cell &&
          again.gate_function == model.gate_function && again.layers == model.layers &&
          again.dense_layers == model.dense_layers);

  const Engine engine(model);
  std::string known;
  for (const std::string& ngram : model.vocabulary.ngrams()) known += ngram + " ";
  ThreadPool pool;
  Matrix probabilities;
  const std::string_view texts[] = {"", known, "not good . not bad"};
  engine.predict(texts, pool, probabilities);
  for (const float p : probabilities.values()) require(p >= 0.0f && p <= 1.0f);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view kBeginning{"OCKHAM\x01\0", 8};
  if (bytes.size() > kBeginning.size()) bytes.replace(0, kBeginning.size(), kBeginning);
  ockham::repair_checksum(bytes);
  try {
    decode_and_run(bytes);
  } catch (const ockham::Error&) {
  }
  return 0;
}
