#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ockham/text/byte_source.hpp"

namespace ockham {

/// Whether bytes are the start of a zstd file (RFC 8878: a frame or a skippable frame), or too few
/// to tell.
bool begins_zstd(std::string_view bytes);
bool may_begin_zstd(std::string_view bytes);

/// The decompressed bytes of a zstd file of any number of frames. Throws Error that starts with
/// `name`: damaged, cut short, other bytes behind it, a window of more than 128 MB.
std::unique_ptr<ByteSource> zstd_source(std::unique_ptr<ByteSource> source, std::string name);

}  // namespace ockham
