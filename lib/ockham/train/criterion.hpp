#pragma once

#include <string_view>

namespace ockham {

struct PathPoint;

/// What the models of a path are compared by, on validation.
enum class Criterion {
  accuracy,  ///< share of texts whose label, or all of whose labels, are right
  macro_f1,  ///< mean of the labels' F1: rare ones count as much as frequent ones
  micro_f1,  ///< F1 over all pairs of text and label; the accuracy where each text has one
};

/// Its stable tag in files and on the command line.
std::string_view criterion_name(Criterion criterion);
/// Throws Error that names the known ones.
Criterion parse_criterion(std::string_view name);

/// What a point has of it, 0 to 1.
double score(const PathPoint& point, Criterion criterion);

}  // namespace ockham
