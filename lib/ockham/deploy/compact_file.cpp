#include "ockham/deploy/compact_file.hpp"

#include <algorithm>
#include <utility>

#include "ockham/deploy/bucket_coding.hpp"
#include "ockham/deploy/bytes.hpp"
#include "ockham/deploy/compact_header.hpp"
#include "ockham/deploy/memory_grant.hpp"
#include "ockham/deploy/vocabulary_coding.hpp"
#include "ockham/deploy/weight_coding.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/tensor/indices.hpp"

namespace ockham {
namespace {

constexpr size_t kLargestFile = size_t{1} << 30;

/// The memory that a file may ask for. All its sizes are below 2^17 but the number of n-grams,
/// which is below 2^32: no product of three overflows 64 bits.
void check_memory(const CompactHeader& header, uint64_t ngrams, uint64_t ngram_bytes,
                  uint64_t file_bytes, const std::string& source) {
  const uint64_t gates = gates_of(header.model.cell);
  uint64_t inputs = header.inputs;  // of the layer
  // The embedding, and once more without repetitions, with three numbers for each row on the way
  // (distinct_rows()).
  uint64_t weights = 2 * inputs * ngrams + 3 * ngrams;
  for (const auto& layer : header.units) {
    uint64_t layer_units = 0;
    for (const uint64_t units : layer) {
      weights += gates * units * (inputs + units);
      layer_units += units;
    }
    // The engine's table.
    if (&layer == &header.units.front()) weights += ngrams * gates * layer_units;
    inputs = layer_units;
  }
  inputs *= header.model.poolings.size();
  for (const uint64_t units : header.dense_units) {
    weights += inputs * units;
    inputs = units;
  }
  weights += inputs * header.model.outputs();
  const uint64_t wanted = sizeof(float) * weights + ngram_bytes;
  const uint64_t allowed = granted_memory(file_bytes);
  if (wanted > allowed) {
    fail_damaged(source, "its sizes ask for ", wanted, " bytes of memory, a file of ", file_bytes,
                 " bytes may ask for ", allowed);
  }
}

/// Codes everything that is a weight; the matrices have their shapes already.
template <typename Coder>
void code_all_weights(Coder& coder, WeightFormat format, FoldedModel& model) {
  constexpr size_t kEmbeddingModels = 64;
  code_weights(coder, format, Scales::column, kEmbeddingModels, model.embedding);
  const auto code = [&, rest = format_of_the_rest(format)](Matrix& m) {
    code_weights(coder, rest, Scales::matrix, 1, m);
  };
  for (FoldedLayer& layer : model.layers) {
    for (FoldedDirection& direction : layer.directions) {
      code(direction.weight_ih);
      code(direction.weight_hh);
      code(direction.bias);
      if (model.cell == Cell::gru) code(direction.recurrent_bias);
    }
  }
  for (FoldedDense& layer : model.dense_layers) {
    code(layer.weight);
    code(layer.bias);
  }
  code(model.output_weight);
  code(model.output_bias);
}

/// The same model with its n-grams in ascending order of their bytes, or of their buckets.
FoldedModel sort_ngrams(const FoldedModel& model) {
  std::vector<uint32_t> order = counting(model.vocabulary.size());
  if (const HashedVocabulary* hashed = model.vocabulary.hashed()) {
    std::ranges::sort(order, {}, [&](uint32_t id) { return hashed->buckets()[id]; });
  } else {
    const std::vector<std::string> ngrams = model.vocabulary.ngrams();
    std::ranges::sort(order, {}, [&](uint32_t id) -> const std::string& { return ngrams[id]; });
  }
  FoldedModel sorted = model;
  sorted.vocabulary = model.vocabulary.select(order);
  for (size_t i = 0; i < order.size(); ++i) {
    std::copy_n(model.embedding.row(order[i]), model.embedding.cols(), sorted.embedding.row(i));
  }
  return sorted;
}

uint64_t text_bytes(const std::vector<std::string>& texts) {
  uint64_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size() + sizeof(std::string);
  return bytes;
}

std::string encode_vocabulary(const Vocabulary& vocabulary, const std::string& source) {
  const HashedVocabulary* hashed = vocabulary.hashed();
  if (hashed == nullptr) return encode_ngrams(vocabulary.ngrams(), source);
  BitEncoder coder(source);
  std::vector<uint32_t> buckets(hashed->buckets().begin(), hashed->buckets().end());
  code_buckets(coder, hashed->hashing().bits, buckets.size(), buckets);
  return coder.finish();
}

Vocabulary decode_vocabulary(uint64_t count, const CompactHeader& header, std::string_view bytes,
                             size_t file_bytes, const std::string& source) {
  if (!header.hashing) {
    const NgramGrant grant = [&](uint64_t wanted) {
      check_memory(header, 0, wanted, file_bytes, source);
    };
    const auto decode = header.spelt_ngrams ? decode_spelt_ngrams : decode_ngrams;
    const std::vector<std::string> ngrams = decode(count, bytes, grant, source);
    check_memory(header, count, text_bytes(ngrams), file_bytes, source);
    return NgramVocabulary(ngrams);
  }
  const NgramHashing& hashing = *header.hashing;
  if (count > uint64_t{1} << hashing.bits) {
    fail_damaged(source, count, " hashes of ", hashing.bits, " bits");
  }
  check_memory(header, count, HashedVocabulary::bytes(hashing, count), file_bytes, source);
  BitDecoder coder(bytes, source);
  std::vector<uint32_t> buckets;
  code_buckets(coder, hashing.bits, count, buckets);
  coder.finish();
  return HashedVocabulary(hashing, std::move(buckets));
}

/// Gives every matrix its shape.
void shape_weights(const CompactHeader& header, FoldedModel& model) {
  model.embedding = Matrix(model.vocabulary.size(), header.inputs);
  size_t inputs = header.inputs;
  for (size_t l = 0; l < header.units.size(); ++l) {
    FoldedLayer& layer = model.layers[l];
    for (const size_t units : header.units[l]) {
      const size_t columns = gates_of(model.cell) * units;
      layer.directions.push_back({Matrix(inputs, columns), Matrix(units, columns),
                                  Matrix(1, columns),
                                  model.cell == Cell::gru ? Matrix(1, units) : Matrix()});
    }
    inputs = layer.outputs();
  }
  inputs = model.summary();
  for (const size_t units : header.dense_units) {
    model.dense_layers.push_back({Matrix(inputs, units), Matrix(1, units)});
    inputs = units;
  }
  model.output_weight = Matrix(inputs, model.outputs());
  model.output_bias = Matrix(1, model.outputs());
}

}  // namespace

std::string encode_compact(const FoldedModel& original, WeightFormat format) {
  static const std::string source = "the model cannot be written";
  check_folded(original);
  FoldedModel model = sort_ngrams(original);
  const std::string vocabulary = encode_vocabulary(model.vocabulary, source);
  BitEncoder coder(source);
  code_all_weights(coder, format, model);
  ByteWriter writer;
  write_header(model, format, writer);
  writer.varint(model.vocabulary.size());
  writer.string(vocabulary);
  writer.string(coder.finish());
  std::string bytes = writer.bytes();
  repair_checksum(bytes);
  return bytes;
}

FoldedModel decode_compact(std::string_view bytes, const std::string& source) {
  ByteReader reader(bytes, source);
  CompactHeader header = read_header(reader, bytes);
  const uint64_t count = reader.varint(UINT32_MAX - 1, "the number of n-grams");
  const std::string_view vocabulary = reader.string(reader.left(), "the vocabulary's length");
  const std::string_view weights = reader.string(reader.left(), "the weights' length");
  if (reader.left() > 0)
    fail_damaged(source, "it goes on behind its end (bytes: ", reader.left(), ")");

  FoldedModel& model = header.model;
  model.vocabulary = decode_vocabulary(count, header, vocabulary, bytes.size(), source);
  shape_weights(header, model);
  BitDecoder coder(weights, source);
  code_all_weights(coder, header.format, model);
  coder.finish();
  return std::move(model);
}

void write_compact(const std::filesystem::path& path, const FoldedModel& model,
                   WeightFormat format) {
  write_file_atomically(path, encode_compact(model, format));
}

std::string read_compact_bytes(const std::filesystem::path& path) {
  return read_file(path, kLargestFile,
                   [&](std::string_view start) { check_magic(start, path.string()); });
}

FoldedModel read_compact(const std::filesystem::path& path) {
  return decode_compact(read_compact_bytes(path), path.string());
}

CompactSummary summarize_compact(std::string_view bytes, const std::string& source) {
  ByteReader reader(bytes, source);
  const CompactHeader header = read_header(reader, bytes);
  CompactSummary summary{
      .format = header.format, .bytes = bytes.size(), .tokenizer_bytes = header.tokenizer_bytes};
  reader.varint(UINT32_MAX - 1, "the number of n-grams");
  summary.vocabulary_bytes = reader.string(reader.left(), "the vocabulary's length").size();
  summary.weight_bytes = reader.string(reader.left(), "the weights' length").size();
  summary.other_bytes =
      bytes.size() - summary.tokenizer_bytes - summary.vocabulary_bytes - summary.weight_bytes;
  return summary;
}

}  // namespace ockham
