#pragma once

#include <cstdint>
#include <vector>

#include "ockham/compress/folded_model.hpp"

namespace ockham {

/// What one n-gram says when it is all that a text holds.
struct NgramPolarity {
  uint32_t ngram = 0;   ///< number in FoldedModel::ngrams
  uint32_t label = 0;   ///< the class whose log odds it raises most
  double log_odds = 0;  ///< by how much, against a text without any known n-gram
};

/// All n-grams, the strongest first (equal ones by number).
std::vector<NgramPolarity> ngram_polarities(const FoldedModel& model);

}  // namespace ockham
