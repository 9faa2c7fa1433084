#pragma once

#include <cstddef>

#include "ockham/tensor/matrix.hpp"
#include "ockham/text/label_lists.hpp"

namespace ockham {

/// What class probabilities are of each other.
enum class ClassRelation {
  exclusive,   ///< a text has one: rows sum to 1
  independent  ///< a text has any number: each is a probability of its own
};

/// The probabilities [texts, classes] that logits divided by T would have:
///     p_k^(1/T) / sum_j p_j^(1/T),   or of each p and 1 - p by themselves.
void apply_temperature(double temperature, ClassRelation relation, Matrix& probabilities);

/// Temperature scaling (Guo, Pleiss, Sun & Weinberger 2017): the T in [1/5, 5] of the least NLL on
/// these texts; 1 where they are under kFewestForTemperature, which would say little. The NLL is
/// convex in 1/T.
double fit_temperature(const Matrix& probabilities, const LabelLists& labels,
                       ClassRelation relation);

inline constexpr size_t kFewestForTemperature = 100;

}  // namespace ockham
