#include "ockham/text/string_table.hpp"

#include "ockham/tensor/error.hpp"
#include "ockham/text/hash.hpp"

namespace ockham {
namespace {

constexpr size_t kFirstSlots = 16;

}  // namespace

StringTable::StringTable() : offsets_{0}, slots_(kFirstSlots) {}

/// The slot that holds `bytes`, or the free one where it belongs.
size_t StringTable::probe(std::string_view bytes, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.id == kNotFound) return i;
    if (slot.hash != hash || slot.length != bytes.size()) continue;
    if (bytes.size() <= kExactlyHashedBytes || (*this)[slot.id] == bytes) return i;
  }
}

uint32_t StringTable::find(std::string_view bytes) const {
  return find(bytes, hash_bytes(bytes));
}

uint32_t StringTable::insert(std::string_view bytes) {
  const uint64_t hash = hash_bytes(bytes);
  size_t at = probe(bytes, hash);
  if (slots_[at].id != kNotFound) return slots_[at].id;
  if (size() + 1 >= kNotFound) fail("too many distinct words: more than 4294967294");
  if (2 * (size() + 1) > slots_.size()) {
    grow();
    at = probe(bytes, hash);
  }
  const auto id = static_cast<uint32_t>(size());
  slots_[at] = {hash, static_cast<uint32_t>(bytes.size()), id};
  arena_.append(bytes);
  offsets_.push_back(arena_.size());
  return id;
}

void StringTable::grow() {
  slots_.assign(2 * slots_.size(), Slot{});
  const size_t mask = slots_.size() - 1;
  for (uint32_t id = 0; id < size(); ++id) {
    const std::string_view bytes = (*this)[id];
    const uint64_t hash = hash_bytes(bytes);
    size_t i = hash & mask;
    while (slots_[i].id != kNotFound) i = (i + 1) & mask;
    slots_[i] = {hash, static_cast<uint32_t>(bytes.size()), id};
  }
}

}  // namespace ockham
