#pragma once

#include <memory>

#include "ockham/deploy/bytes.hpp"
#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// The tokenizer's part of a deployable file's header: kind, options and, of subwords, the pieces
/// that cutting hangs on (SubwordModel::needed_pieces()), arithmetic-coded.

/// Throws Error for a tokenizer of a kind that has no place in the file.
void write_tokenizer(const Tokenizer& tokenizer, ByteWriter& writer);

/// Throws Error that names the file: unknown, damaged, or pieces that need more memory than a file
/// of `file_bytes` is granted.
std::shared_ptr<const Tokenizer> read_tokenizer(ByteReader& reader, size_t file_bytes);

}  // namespace ockham
