#pragma once

#include <string>

#include "ockham/compress/folded_model.hpp"
#include "ockham/compress/weight_format.hpp"

namespace ockham {

/// A classifier as a program in C99.
struct CProgram {
  std::string source;
  std::string header;
};

/// Names in a program in C.
struct CNames {
  std::string prefix = "ockham";    ///< of all names: letters, digits and underscores
  std::string header = "ockham.h";  ///< the header's file, as the source includes it
};

/// Throws Error unless all of it could be the beginning of a name in C.
void check_c_prefix(const std::string& prefix);

/// A program that gives the probabilities of what a deployable file of the format would hold. It
/// needs no library but C's, allocates nothing, unpacks nothing, and takes texts of any length. Its
/// parts that do not hang on the model stand in deploy/c/. The same model gives the same bytes.
///
/// Throws Error for what has no place in it, and says what to do: recurrent layers on top of each
/// other, subwords.
CProgram export_c(const FoldedModel& model, WeightFormat format, const CNames& names = {});

}  // namespace ockham
