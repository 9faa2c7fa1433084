#pragma once

#include <cstddef>

#include "ockham/model/classifier.hpp"

namespace ockham {

/// The part of a network that a trained one takes: its sizes after compaction. Directions may keep
/// different numbers of units; the larger number counts.
struct GrownPart {
  size_t words = 0;
  size_t inputs = 0;
  size_t hidden = 0;
};
GrownPart part_of(const Classifier& base);

/// Whether a trained classifier is a start as it stands, so that nothing fresh has to be put beside
/// it: its weights are plain numbers (no posterior anywhere), as in a model trained to be the start
/// of a Bayesian one, and there are no more classes to learn than its own.
bool is_whole_start(const Classifier& base, size_t classes);

/// Puts a trained classifier into a larger, fresh one, as the first words, inputs, units and
/// classes of it. `fresh` is a new dense network whose vocabulary and classes begin with those of
/// `base`, whose cell, gate function, layers, directions, poolings and dense layers are the same,
/// and which is as large as part_of(base) at least. Words, inputs and hidden units may be more;
/// dense layers do not grow, they get back fresh what they had lost. On texts of old n-grams the
/// result has the probabilities of `base` (its expectation, with multipliers and temperature folded
/// in), among the old classes where new ones share a softmax with them: a new class starts at a few
/// percent there. The rest keeps its fresh means, but nothing leads from fresh inputs, units and
/// words to the old units or to the output: those weights start at 0, and learn, for what they
/// multiply is not 0. Throws Error where the two do not fit.
Classifier grow(const Classifier& base, Classifier fresh);

}  // namespace ockham
