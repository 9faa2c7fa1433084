#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ockham/compress/folded_model.hpp"
#include "ockham/nn/network.hpp"

namespace ockham {

/// How much of a pruned network is left. The strict count: what is zero or hangs on nothing does
/// not count (Pruning::weights_with_constant_gates has the papers' count).
struct CompressionFigures {
  size_t weights_total =
      0;  ///< of all matrices of the dense network: E, W^x, W^h, dense layers, output
  size_t weights_kept = 0;  ///< not zero
  double compression = 0;   ///< weights_total / weights_kept
  size_t words_kept = 0;
  size_t inputs_kept = 0;
  size_t units_kept = 0;
  size_t gates_kept = 0;  ///< gate columns with a weight that is not zero
  size_t embedding_weights = 0;
  size_t recurrent_weights = 0;             ///< W^x and W^h
  std::vector<size_t> dense_layer_units;    ///< kept, of each dense layer
  std::vector<size_t> dense_layer_weights;  ///< not zero, of each dense layer
  size_t output_weights = 0;
  /// Multiplications and additions a token: folded table, kept gate columns (2 H' each, and in
  /// layers above the first 2 for each input) and about 30 a unit for the element-wise part.
  double flops_per_token = 0;
};

CompressionFigures compression_figures(const NetworkShape& dense, const Network& network);

/// The same of a folded model, whose dense size it carries.
CompressionFigures compression_figures(const FoldedModel& model);

/// Weights of all matrices of a dense network, without biases.
size_t dense_weights(const NetworkShape& shape);

}  // namespace ockham
