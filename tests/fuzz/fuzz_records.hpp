#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/open_records.hpp"
#include "ockham/text/utf8.hpp"
#include "tests/support/byte_sources.hpp"

namespace ockham {

inline void require(bool holds) {
  if (!holds) std::abort();
}

inline void require_utf8(const std::string& bytes) {
  std::string out;
  require(sanitize_utf8(bytes, out) == 0);
}

/// All that comes out of a reader, its Error included, as one text.
inline std::string outcome(std::unique_ptr<ByteSource> source, const DataOptions& options) {
  std::string seen;
  try {
    const auto reader = read_records(std::move(source), "fuzz", options);
    uint64_t line = 0;
    for (Record record; reader->next(record);) {
      require(record.line > line && record.weight > 0);
      line = record.line;
      require_utf8(record.text);
      seen += reader->where() + record.text;
      for (const std::string& label : record.labels) {
        require(!label.empty());
        require_utf8(label);
        seen += label;
      }
    }
  } catch (const Error& error) {
    const std::string message = error.what();
    require(message.starts_with("fuzz:") && message.find('\n') == std::string::npos);
    require_utf8(message);
    seen += message;
  }
  return seen;
}

/// Records or an Error, and the same ones in whatever pieces the bytes come.
inline void read_both_ways(const uint8_t* data, size_t size, const DataOptions& options) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  require(outcome(std::make_unique<StringSource>(bytes), options) ==
          outcome(std::make_unique<DripSource>(bytes), options));
}

}  // namespace ockham
