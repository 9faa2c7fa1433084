#pragma once

#include "ockham/compress/folded_model.hpp"
#include "ockham/nn/network.hpp"

namespace ockham {

/// A folded model as a network again, to go on training it: deterministic weights, no multipliers.
/// It has the model's probabilities: the temperature is in its output layer. Weights that are 0
/// stay 0 (Parameter::kept).
Network plain_network(const FoldedModel& model);

/// The model with the weights of such a network, and a temperature of 1.
void take_weights(const Network& network, FoldedModel& model);

}  // namespace ockham
