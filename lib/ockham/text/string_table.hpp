#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ockham {

/// A set of byte strings, numbered 0, 1, ... in order of insertion. The bytes lie in one arena; the
/// hash table holds hashes and lengths, so that looking up a string costs one probe and touches the
/// arena only where it is there and has more than eight bytes.
class StringTable {
 public:
  static constexpr uint32_t kNotFound = UINT32_MAX;

  StringTable();

  size_t size() const { return offsets_.size() - 1; }

  std::string_view operator[](uint32_t id) const {
    return {arena_.data() + offsets_[id], offsets_[id + 1] - offsets_[id]};
  }

  /// The number of `bytes`, or kNotFound.
  uint32_t find(std::string_view bytes) const;
  /// The same where their hash_bytes() is known.
  uint32_t find(std::string_view bytes, uint64_t hash) const {
    return slots_[probe(bytes, hash)].id;
  }

  /// The number of `bytes`, which is added if it is new. Throws Error past 2^32 - 2 strings.
  uint32_t insert(std::string_view bytes);

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t length = 0;
    uint32_t id = kNotFound;
  };

  size_t probe(std::string_view bytes, uint64_t hash) const;
  void grow();

  std::string arena_;
  std::vector<uint64_t> offsets_;
  std::vector<Slot> slots_;  // a power of two, at most half of them taken
};

}  // namespace ockham
