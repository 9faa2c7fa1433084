#pragma once

#include <cstddef>
#include <functional>
#include <istream>
#include <memory>
#include <string>

namespace ockham {

/// Where a reader's bytes come from: a file, standard input, memory, a decompressor.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Reads at least one byte and at most `capacity` (> 0) into `target` and returns how many; 0 at
  /// the end. Throws Error when the device fails.
  virtual size_t read(char* target, size_t capacity) = 0;
};

/// Opens a file, or standard input for "-". Throws Error for a missing file, a folder, a file that
/// may not be read. Bytes from a pipe are handed on as they arrive.
std::unique_ptr<ByteSource> open_byte_source(const std::string& path);

/// Reads from a stream that must outlive the source; `name` stands in error messages.
std::unique_ptr<ByteSource> stream_byte_source(std::istream& stream, std::string name);

/// Calls `before_reading` whenever more bytes are wanted of `source`, which may take for ever to
/// come.
std::unique_ptr<ByteSource> announced_source(std::unique_ptr<ByteSource> source,
                                             std::function<void()> before_reading);

/// The name of a path in messages: "stdin" for "-".
std::string display_name(const std::string& path);

}  // namespace ockham
