#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ockham/compress/survivors.hpp"
#include "ockham/nn/network.hpp"

namespace ockham {

/// A dense unit to which nothing leads any more is the constant z max(0, b), which its readers'
/// biases take over before it leaves, so that nothing changes. `network` is the one of
/// find_survivors().
void pass_on_constants(Network& network, const Survivors& survivors);

/// The rows and columns that each parameter keeps, in the order of Network::for_each_parameter.
struct Selection {
  std::vector<uint32_t> rows;
  std::vector<uint32_t> columns;
};
std::vector<Selection> selections(const Network& network, const Survivors& survivors);

/// Removes the rest physically. The survivors keep their original ids (Parameter::row_ids).
void compact(Network& network, std::span<const Selection> selections);

struct Pruning {
  std::vector<uint32_t> words;  ///< the embedding rows that were kept
  /// Weights as the papers' code counts them (Chirkova et al. 2018): what words, dimensions and
  /// units took with them is gone, but the weights of a gate that became constant still count.
  size_t weights_with_constant_gates = 0;
};

/// What becomes of the means of pruned weights that stand in rows and columns that stay.
enum class PrunedMeans {
  cleared,  ///< 0 (Posterior::pruned_mean()), where training goes on
  kept,     ///< as they are, marked as pruned (Parameter::kept)
};

/// Prunes every parameter by its criterion and compacts: the network as it is deployed, unfolded.
Pruning prune_and_compact(Network& network, PrunedMeans means = PrunedMeans::cleared);

/// Whether any pruned weight still has its posterior's mean.
bool has_pruned_means(const Network& network);

/// Takes back all pruning of weights that are still there; words, dimensions and units that left
/// are gone. Throws Error where the means of what is pruned were not kept.
void unprune(Network& network);

/// Lets a group go only on repeated evidence: it must have been pruned in two calls running.
class Hysteresis {
 public:
  /// `found` plus what was not pruned in the call before. `network` is the one found in.
  Survivors filter(const Network& network, const Survivors& found);

  /// What was pruned in the last call, by original ids, for checkpoints: words, inputs, then the
  /// units in the order of Network::directions(), then those of the dense layers.
  using State = std::vector<std::vector<uint32_t>>;
  const State& state() const { return pruned_; }
  void restore(State state) { pruned_ = std::move(state); }

 private:
  State pruned_;
};

}  // namespace ockham
