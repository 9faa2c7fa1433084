#include "ockham/text/batches.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "ockham/tensor/indices.hpp"
#include "ockham/text/hash.hpp"

namespace ockham {
namespace {

/// Shuffles that come out the same with every standard library: splitmix64 drives Fisher-Yates.
class Shuffler {
 public:
  Shuffler(uint64_t seed, uint64_t epoch) : state_(mix_bits(mix_bits(seed) + epoch)) {}

  void shuffle(std::vector<uint32_t>& values) {
    for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  uint64_t next() {
    state_ += kHashMultiplier;
    return mix_bits(state_);
  }

  /// Uniform in [0, bound), without bias: the incomplete last stretch of the range is refused.
  size_t below(size_t bound) {
    const uint64_t refused = (UINT64_MAX % bound + 1) % bound;
    for (;;) {
      const uint64_t value = next();
      if (value <= UINT64_MAX - refused) return value % bound;
    }
  }

  uint64_t state_;
};

void sort_by_length(std::span<const uint32_t> lengths, std::span<uint32_t> texts) {
  std::stable_sort(texts.begin(), texts.end(),
                   [&](uint32_t a, uint32_t b) { return lengths[a] > lengths[b]; });
}

}  // namespace

Batches shuffled_batches(std::span<const uint32_t> lengths, size_t batch_size, uint64_t seed,
                         uint64_t epoch, size_t pool_batches) {
  assert(batch_size > 0 && pool_batches > 0);
  Shuffler shuffler(seed, epoch);
  std::vector<uint32_t> texts = counting(lengths.size());
  shuffler.shuffle(texts);
  const size_t pool_size = batch_size * pool_batches;
  for (size_t begin = 0; begin < texts.size(); begin += pool_size) {
    const size_t count = std::min(pool_size, texts.size() - begin);
    sort_by_length(lengths, std::span(texts).subspan(begin, count));
  }

  std::vector<uint32_t> batch_order = counting((texts.size() + batch_size - 1) / batch_size);
  shuffler.shuffle(batch_order);
  Batches batches;
  batches.order.reserve(texts.size());
  for (const uint32_t batch : batch_order) {
    const size_t begin = batch * batch_size;
    const size_t end = std::min(begin + batch_size, texts.size());
    for (size_t i = begin; i < end; ++i) batches.order.push_back(texts[i]);
    batches.offsets.push_back(batches.order.size());
  }
  return batches;
}

Batches sorted_batches(std::span<const uint32_t> lengths, size_t batch_size) {
  assert(batch_size > 0);
  Batches batches;
  batches.order = counting(lengths.size());
  sort_by_length(lengths, batches.order);
  for (size_t end = 0; end < lengths.size();) {
    end = std::min(end + batch_size, lengths.size());
    batches.offsets.push_back(end);
  }
  return batches;
}

}  // namespace ockham
