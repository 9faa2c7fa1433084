#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ockham/text/byte_source.hpp"

namespace ockham {

/// Whether bytes are the start of a gzip file (RFC 1952: 1F 8B, then 08 for deflate), or too few to
/// tell.
bool begins_gzip(std::string_view bytes);
bool may_begin_gzip(std::string_view bytes);

/// The decompressed bytes of a gzip file of any number of members. Zeros may follow the last one,
/// as on tapes. Throws Error that starts with `name`: damaged, cut short, other bytes behind it.
std::unique_ptr<ByteSource> gzip_source(std::unique_ptr<ByteSource> source, std::string name);

}  // namespace ockham
