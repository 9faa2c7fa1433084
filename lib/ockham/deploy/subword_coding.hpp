#pragma once

#include "ockham/deploy/bytes.hpp"
#include "ockham/text/subword_model.hpp"

namespace ockham {

/// The pieces of a subword tokenizer that cutting hangs on, in a deployable file. docs/format.md
/// states the coding.

/// Throws Error for a BPE model with a piece that is no join of two earlier ones, which no training
/// gives.
void write_subwords(const SubwordModel& model, ByteWriter& writer);

/// Throws Error that names the file: damaged, or pieces that need more memory than a file of
/// `file_bytes` is granted.
SubwordModel read_subwords(SubwordKind kind, ByteReader& reader, size_t file_bytes);

}  // namespace ockham
