#pragma once

#include <span>
#include <string>
#include <vector>

#include "ockham/text/dataset.hpp"

namespace ockham {

/// For each class the factor that makes all classes weigh the same: n / (C n_c), as scikit-learn's
/// "balanced" (King & Zeng 2001). Classes without texts do not count.
std::vector<double> balanced_class_weights(const Dataset& dataset);

/// Reads `label<TAB>weight` lines. A class that is not named weighs 1. Throws Error for a label
/// that is not among `classes` or named twice, and for a weight that is not a finite number above
/// 0.
std::vector<double> read_class_weights(const std::string& path,
                                       const std::vector<std::string>& classes);

/// Multiplies each text's weight by that of its class. Each text has one label.
void weigh_classes(Dataset& dataset, std::span<const double> weights);

}  // namespace ockham
