#pragma once

#include <string>

#include "ockham/compress/folded_model.hpp"
#include "ockham/compress/weight_format.hpp"

namespace ockham {

/// All weights behind the embedding, and the sizes of the layers: definitions of the tables of
/// c/step.c and c/predict.c, and the functions that read a weight. The weights are those that a
/// deployable file of the format gives back (c_export.hpp), and as large as there.
std::string c_network(const FoldedModel& model, WeightFormat format);

/// Floats that a program keeps on the stack while it works.
size_t c_network_floats(const FoldedModel& model);

}  // namespace ockham
