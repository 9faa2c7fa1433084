#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ockham/tensor/matrix.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// What new texts say of the n-grams that an old model knows: the first ones of their vocabulary,
/// its classes being the first ones too. By the likelihood ratio of n-gram against label, at 95%.
struct NgramEvidence {
  /// [old n-grams] 1: the class that the n-gram speaks for most stands less often with it than
  /// without it, among texts that have old labels. A class that is not there contradicts nothing.
  std::vector<uint8_t> contradicted;
  /// [old n-grams, new classes] 1: the new class stands more often with the n-gram than without it.
  /// Only where texts may have several labels; else empty.
  std::vector<uint8_t> speaks_for_new;
};

/// `alone` [old n-grams + 1, old classes]: the old model's probabilities of each n-gram alone, and
/// last of a text without any; `classes`: old and new ones.
NgramEvidence weigh_evidence(const TrainingSet& texts, const Matrix& alone, size_t classes,
                             bool several_labels);

}  // namespace ockham
