#pragma once

#include <string>

#include "ockham/compress/folded_model.hpp"

namespace ockham {

/// All weights behind the embedding, and the sizes of the layers: definitions of the tables of
/// c/step.c and c/predict.c, and the functions that read a weight.
std::string c_network(const FoldedModel& model);

/// Floats that a program keeps on the stack while it works.
size_t c_network_floats(const FoldedModel& model);

}  // namespace ockham
