#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ockham {

/// A mini-batch of token sequences, one behind the other.
struct TokenBatch {
  std::vector<uint32_t> words;       ///< [tokens] rows of the embedding
  std::vector<uint32_t> offsets{0};  ///< [sequences + 1] where each sequence starts in `words`
  std::vector<uint32_t> texts;       ///< [sequences] the text's number in the data, for noise

  size_t size() const { return texts.size(); }
  size_t length(size_t sequence) const { return offsets[sequence + 1] - offsets[sequence]; }
  void add(std::span<const uint32_t> tokens, uint32_t text);
};

/// One part of a mini-batch that a thread takes through all time steps by itself. Its sequences
/// are sorted longest first, so that the live ones of a time step are the first ones and finished
/// ones simply drop out: there is no padding. Row `step_begin[t] + r` of a packed matrix belongs to
/// step t of sequence `sequences[r]`.
struct Slice {
  std::vector<uint32_t> sequences;   ///< numbers in the mini-batch
  std::vector<uint32_t> step_begin;  ///< [steps + 1] packed rows, counted over the whole batch

  size_t steps() const { return step_begin.size() - 1; }
  size_t live(size_t step) const { return step_begin[step + 1] - step_begin[step]; }
  size_t first_row() const { return step_begin.front(); }
  size_t rows() const { return step_begin.back() - step_begin.front(); }
};

/// The order in which a mini-batch's tokens go through a recurrent layer. The slices depend on the
/// batch alone, never on the number of threads.
struct PackedBatch {
  explicit PackedBatch(const TokenBatch& batch);

  std::vector<Slice> slices;
  std::vector<uint32_t> sequence_of;  ///< [tokens] the sequence of each token of the batch
  /// [tokens] packed row -> token of the batch, for each direction. The reverse direction starts at
  /// each sequence's own last token.
  std::vector<uint32_t> token_at[2];
  /// [tokens] token of the batch -> packed row, for each direction.
  std::vector<uint32_t> row_of[2];
};

}  // namespace ockham
