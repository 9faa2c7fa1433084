#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ockham/nn/input_products.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/nn/packed_batch.hpp"
#include "ockham/nn/pass_options.hpp"
#include "ockham/tensor/thread_pool.hpp"

namespace ockham {

/// The input of a recurrent layer above the first one, of all tokens in the order of the batch:
///     X = mask * [y of the layer below's directions side by side];   x~ W^x = X W^x
/// One sample of W^x serves all time steps of a sequence, unless every step has noise of its own.
class LayerProjection {
 public:
  /// `outputs`: y of each direction below, packed, [tokens, >= its units].
  LayerProjection(const RecurrentLayer& layer, const RecurrentLayer& below, Cell cell,
                  const TokenBatch& batch, const PackedBatch& packed,
                  std::span<const Matrix* const> outputs, const NoiseSource* noise,
                  const PassOptions& options, ThreadPool& pool);

  /// Writes the inputs of packed rows [first, first + count) of a direction into `sums`.
  void gather(const PackedBatch& packed, size_t direction, size_t first, size_t count,
              MatrixView sums) const;

  /// Takes dL/ds of all packed rows of each direction to the gradients of W^x, and adds dL/dy to
  /// `output_gradients`, packed, of each direction below.
  void backward(RecurrentLayer& layer, const PackedBatch& packed,
                std::span<const Matrix* const> sums_gradients,
                std::span<Matrix* const> output_gradients, ThreadPool& pool);

 private:
  std::vector<uint32_t> rows_;   // [tokens] the draw of each
  std::vector<size_t> columns_;  // [directions below + 1] where each starts in X
  std::vector<Matrix> masks_;    // [sequences, units] of each direction below, or none
  Matrix inputs_;                // X
  InputProducts products_;
  Matrix projected_;  // P
};

}  // namespace ockham
