#pragma once

#include <memory>
#include <string>

#include "ockham/text/byte_source.hpp"

namespace ockham {

/// Hands on the bytes of `source`, decompressed if they are gzip or zstd. That is told by how they
/// begin, not by a name, and without seeking, so that pipes work; bytes that are neither are handed
/// on as they arrive. Several members or frames behind one another are one text. Nothing is read
/// before the first read(). `name` stands in messages: Error for data that are cut short, damaged,
/// or followed by something else, and for what begins as no text does: other archives, Parquet, PDF,
/// deployable files.
std::unique_ptr<ByteSource> decompressed(std::unique_ptr<ByteSource> source, std::string name);

}  // namespace ockham
