#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ockham {

/// Texts in the order in which they are worked on, cut into batches: batch b is order[offsets[b]]
/// .. order[offsets[b + 1]).
struct Batches {
  std::vector<uint32_t> order;
  std::vector<uint64_t> offsets{0};

  size_t size() const { return offsets.size() - 1; }
  std::span<const uint32_t> operator[](size_t b) const {
    return {order.data() + offsets[b], order.data() + offsets[b + 1]};
  }
};

/// Batches of one epoch's training. The texts are shuffled and cut into pools of `pool_batches`
/// batches; each pool is sorted by length, longest first, so that a batch holds texts of like
/// length; then the batches are shuffled. Every text is in one batch, every batch but one is full.
/// The same for the same arguments on every machine. Requires batch_size, pool_batches > 0.
Batches shuffled_batches(std::span<const uint32_t> lengths, size_t batch_size, uint64_t seed,
                         uint64_t epoch, size_t pool_batches = 50);

/// Batches for evaluation: all texts sorted by length, longest first, equal ones by number.
Batches sorted_batches(std::span<const uint32_t> lengths, size_t batch_size);

}  // namespace ockham
