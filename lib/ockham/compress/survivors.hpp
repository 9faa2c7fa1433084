#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ockham/nn/network.hpp"

namespace ockham {

/// What is left of a network: current row numbers, ascending.
struct Survivors {
  std::vector<uint32_t> words;
  std::vector<uint32_t> inputs;                   ///< embedding dimensions
  std::vector<std::vector<uint32_t>> units;       ///< in the order of Network::directions()
  std::vector<std::vector<uint32_t>> dense = {};  ///< units of each dense layer

  friend bool operator==(const Survivors&, const Survivors&) = default;
};

/// The masks of all parameters in the order of Network::for_each_parameter.
using Masks = std::vector<std::vector<uint8_t>>;

/// Every parameter's pruning criterion, biases excepted.
Masks keep_masks(const Network& network);

/// What carries anything to the output under these masks. A word leaves if its multiplier or its
/// whole row of E is pruned; a dimension if its multiplier, its column of E or its rows of W^x in
/// every direction are; a unit if its multiplier or all that reads it (its row of W^h and those of
/// the next layer's W^x in every direction or, of the top layer, of the output) are. A gate whose
/// multiplier or columns are pruned is a constant and keeps no weights, and nor does a GRU's reset
/// gate whose candidate's multiplier is pruned. A unit of a dense layer leaves if its multiplier,
/// all that leads to it or all that reads it is pruned; pass_on_constants() (compaction.hpp)
/// knows the rest. What only led to something that left, leaves too. `masks` is narrowed
/// accordingly: afterwards it holds the weights and multipliers that the network still needs.
/// (Units that read only each other stay; they cost a few weights and are rare.)
Survivors find_survivors(const Network& network, Masks& masks);

/// Weights of matrices that are not pruned and that something hangs on; biases and multipliers are
/// not counted.
size_t count_kept_weights(const Network& network);

}  // namespace ockham
