#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// A row-major array under a name that is a path, such as `encoder/lstm_0/forward/weight_ih.mean`.
/// An empty shape is a scalar; a dimension may be zero.
struct NamedTensor {
  std::string name;
  std::vector<size_t> shape;
  FloatVector values;  // as many as the product of the shape
};

using Metadata = std::map<std::string, std::string>;

/// The content of a safetensors file: 32-bit floats by name, and free text by key.
struct TensorFile {
  std::string source;  // where it was read, for messages
  std::map<std::string, NamedTensor, std::less<>> tensors;
  Metadata metadata;

  bool contains(std::string_view name) const { return tensors.find(name) != tensors.end(); }
  /// Throws Error that names the file and the tensor that it lacks.
  const NamedTensor& at(std::string_view name) const;
  /// As at(), and throws Error unless the shape is the expected one.
  const NamedTensor& at(std::string_view name, std::span<const size_t> shape) const;
};

/// Writes a file that any safetensors reader loads, atomically. The bytes depend on the content
/// alone, not on the order given; the data start at a multiple of 8 bytes. A checksum of the tensors
/// stands in the metadata under "crc32c", which the caller's metadata cannot use.
/// Throws Error: a name twice, a name that is not UTF-8 or is reserved, values that do not fill the
/// shape, NaN or infinity (such a file could not be read again), and as AtomicFile.
void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const Metadata& metadata = {});

/// Nothing in the file is trusted: every count and size is checked before it is used to allocate.
/// Throws Error that names the file and what is wrong: unreadable, truncated, no safetensors, an
/// element type other than F32, ranges that overlap or leave gaps, NaN or infinite values, tensors
/// other than those that the checksum, if there is one, was made of.
TensorFile read_safetensors(const std::filesystem::path& path);

/// As read_safetensors on bytes in memory; `source` names them in messages.
TensorFile parse_safetensors(std::string_view bytes, const std::string& source);

}  // namespace ockham
