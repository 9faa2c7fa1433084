#pragma once

#include <string>

#include "ockham/compress/folded_model.hpp"
#include "ockham/compress/weight_format.hpp"

namespace ockham {

/// The n-grams with their rows of the embedding, as a program in C reads them without unpacking
/// anything: definitions of the tables of c/rows.c and of c/words.c or c/hashes.c. The model is one
/// that a deployable file of the format gave back. Throws Error where the tables grow too large.
std::string c_vocabulary(const FoldedModel& model, WeightFormat format);

}  // namespace ockham
