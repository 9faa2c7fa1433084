#pragma once

#include <cstdint>
#include <vector>

#include "ockham/text/hash.hpp"

namespace ockham {

/// A set of pairs of numbers, themselves numbered 0, 1, ... in order of insertion, with a count
/// each: one step in a trie, from a node by a word to a node.
class PairTable {
 public:
  static constexpr uint32_t kNotFound = UINT32_MAX;

  struct Slot {
    uint32_t first = kNotFound;
    uint32_t second = kNotFound;
    uint32_t id = kNotFound;
    uint32_t count = 0;
  };

  PairTable() : slots_(kFirstSlots) {}

  size_t size() const { return size_; }

  /// The number of a pair, or kNotFound.
  uint32_t find(uint32_t first, uint32_t second) const { return slots_[probe(first, second)].id; }

  /// The number of a pair, which is added if it is new; adds one to its count.
  uint32_t count(uint32_t first, uint32_t second) {
    if (2 * (size() + 1) > slots_.size()) grow();
    Slot& slot = slots_[probe(first, second)];
    if (slot.id == kNotFound) slot = {first, second, size_++, 0};
    ++slot.count;
    return slot.id;
  }

  /// Its upper bits are the better ones.
  static uint64_t hash(uint32_t first, uint32_t second) {
    return (first * kHashMultiplier + second) * kHashMultiplier;
  }

  /// Brings the slot of a pair near, for a call of find() or count() that follows soon.
  void prefetch(uint32_t first, uint32_t second) const {
    __builtin_prefetch(&slots_[home(first, second)]);
  }

  /// Calls `visit` on every taken slot, in no particular order.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (slot.id != kNotFound) visit(slot);
    }
  }

 private:
  static constexpr size_t kFirstSlots = 16;

  size_t home(uint32_t first, uint32_t second) const { return hash(first, second) >> shift_; }

  /// The slot that holds the pair, or the free one where it belongs.
  size_t probe(uint32_t first, uint32_t second) const {
    size_t i = home(first, second);
    while (slots_[i].id != kNotFound && (slots_[i].first != first || slots_[i].second != second)) {
      i = (i + 1) & (slots_.size() - 1);
    }
    return i;
  }

  void grow() {
    --shift_;
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.id != kNotFound) slots_[probe(slot.first, slot.second)] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half of them taken
  uint32_t size_ = 0;
  int shift_ = 60;  // keeps as many upper bits of the product as number the slots
};

}  // namespace ockham
