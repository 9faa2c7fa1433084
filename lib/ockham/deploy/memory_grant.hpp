#pragma once

#include <cstdint>

namespace ockham {

/// The memory that a deployable file of so many bytes may ask for with its model; its tokenizer may
/// ask for as much again.
constexpr uint64_t granted_memory(uint64_t file_bytes) {
  constexpr uint64_t kFreeBytes = uint64_t{4} << 20;
  constexpr uint64_t kMemoryPerByte = 4096;
  return kFreeBytes + kMemoryPerByte * file_bytes;
}

}  // namespace ockham
