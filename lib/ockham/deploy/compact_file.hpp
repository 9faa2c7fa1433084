#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "ockham/compress/folded_model.hpp"
#include "ockham/compress/weight_format.hpp"

namespace ockham {

/// The deployable file, version 1; docs/format.md states it byte by byte. It starts with a magic
/// word, the version and a checksum. The n-grams stand in it in ascending order of their bytes.

/// Throws Error where the model is not fit for a file: check_folded(), n-grams that are no words
/// joined by single spaces, a tokenizer of an unknown kind, weights that overflow fp16.
std::string encode_compact(const FoldedModel& model, WeightFormat format);

/// The model with its weights as they were rounded; encoding it again in the same format gives the
/// same bytes. `source` names the file in messages.
///
/// Throws Error for whatever encode_compact() did not write: no Ockham file, written by a newer
/// Ockham, damaged. Bytes may be hostile: nothing is allocated by what they merely claim. For n
/// bytes time is O(n). Weights at 4 bytes each, n-grams and the engine's table are at most 4 MiB +
/// 4,096 n together, and the subwords of a tokenizer as much again; what the engine makes of them
/// beside is a small multiple of that.
FoldedModel decode_compact(std::string_view bytes, const std::string& source);

/// Writes beside the target and renames.
void write_compact(const std::filesystem::path& path, const FoldedModel& model,
                   WeightFormat format);
FoldedModel read_compact(const std::filesystem::path& path);
/// The file as it is. Another one is refused before more than its first bytes are read.
std::string read_compact_bytes(const std::filesystem::path& path);

/// Where a file's bytes go, and what its header says beside the model.
struct CompactSummary {
  WeightFormat format = WeightFormat::fp32;
  size_t bytes = 0;
  size_t tokenizer_bytes = 0;  ///< its kind, options and pieces
  size_t vocabulary_bytes = 0;
  size_t weight_bytes = 0;
  size_t other_bytes = 0;  ///< header, classes, sizes
};
/// Looks at the header and the lengths of what follows. Throws Error for what decode_compact()
/// refuses of them, and for a checksum that does not match.
CompactSummary summarize_compact(std::string_view bytes, const std::string& source);

}  // namespace ockham
