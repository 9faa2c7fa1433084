#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/compress/folded_model.hpp"
#include "ockham/compress/weight_format.hpp"
#include "ockham/deploy/bytes.hpp"

namespace ockham {

/// What a deployable file says before its vocabulary and its weights.
struct CompactHeader {
  WeightFormat format = WeightFormat::fp32;
  size_t inputs = 0;                       ///< columns of the embedding
  std::vector<std::vector<size_t>> units;  ///< of each layer, of each direction
  std::vector<size_t> dense_units;         ///< of each dense layer
  std::optional<NgramHashing> hashing;     ///< of a vocabulary of hashes
  bool spelt_ngrams = false;               ///< as an older Ockham wrote a vocabulary of words
  size_t tokenizer_bytes = 0;              ///< of the file
  FoldedModel model;                       ///< everything but n-grams and weights
};

/// Throws Error for bytes that do not begin as a deployable file does.
void check_magic(std::string_view bytes, const std::string& source);

/// Writes magic, version, room for the checksum, and the rest of the header.
void write_header(const FoldedModel& model, WeightFormat format, ByteWriter& writer);

/// Reads the header of `bytes`, at whose beginning the reader stands, checks the checksum over all
/// of them, and leaves the reader behind the header. Throws Error that names the file.
CompactHeader read_header(ByteReader& reader, std::string_view bytes);

/// Puts the checksum of the bytes behind it into its place: the last step of writing.
void repair_checksum(std::string& bytes);

}  // namespace ockham
