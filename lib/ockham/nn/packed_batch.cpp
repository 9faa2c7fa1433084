#include "ockham/nn/packed_batch.hpp"

#include <algorithm>
#include <numeric>

namespace ockham {
namespace {

// 32 sequences of a batch of 128 keep a thread's products large enough for the vector units, and
// four slices a direction give two threads eight equal pieces of work. A recurrent layer of two
// directions has work for no more than eight threads.
constexpr size_t kSlices = 4;

}  // namespace

void TokenBatch::add(std::span<const uint32_t> tokens, uint32_t text) {
  words.insert(words.end(), tokens.begin(), tokens.end());
  offsets.push_back(static_cast<uint32_t>(words.size()));
  texts.push_back(text);
}

PackedBatch::PackedBatch(const TokenBatch& batch)
    : slices(std::min(kSlices, batch.size())), sequence_of(batch.words.size()) {
  std::vector<uint32_t> by_length(batch.size());
  std::iota(by_length.begin(), by_length.end(), 0u);
  std::stable_sort(by_length.begin(), by_length.end(),
                   [&](uint32_t a, uint32_t b) { return batch.length(a) > batch.length(b); });
  // Dealt out like cards: every slice gets long and short sequences.
  for (size_t i = 0; i < by_length.size(); ++i) {
    slices[i % slices.size()].sequences.push_back(by_length[i]);
  }
  for (size_t b = 0; b < batch.size(); ++b) {
    std::fill(sequence_of.begin() + batch.offsets[b], sequence_of.begin() + batch.offsets[b + 1],
              static_cast<uint32_t>(b));
  }
  for (int d = 0; d < 2; ++d) {
    token_at[d].resize(batch.words.size());
    row_of[d].resize(batch.words.size());
  }
  uint32_t row = 0;
  for (Slice& slice : slices) {
    slice.step_begin.push_back(row);
    size_t live = slice.sequences.size();
    for (size_t t = 0;; ++t) {
      while (live > 0 && batch.length(slice.sequences[live - 1]) <= t) --live;
      if (live == 0) break;
      for (size_t r = 0; r < live; ++r, ++row) {
        const uint32_t b = slice.sequences[r];
        const auto forward = static_cast<uint32_t>(batch.offsets[b] + t);
        const auto reverse = static_cast<uint32_t>(batch.offsets[b + 1] - 1 - t);
        token_at[0][row] = forward;
        token_at[1][row] = reverse;
        row_of[0][forward] = row;
        row_of[1][reverse] = row;
      }
      slice.step_begin.push_back(row);
    }
  }
}

}  // namespace ockham
