#pragma once

#include <cstddef>

#include "ockham/model/classifier.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/settings.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// How many texts are made up to train on, beside so many new ones and for a base of so many
/// n-grams: `rehearsal` times as many as the new ones, of which 1.5 times as many as the base has
/// n-grams are counted at least, within 500 to 5,000. For what a model knows does not become less
/// where the new texts are few. (Four sets of 30 sentences cost a model of 3,000 sentences 0.4
/// points, its path's largest model; with a third as many made-up texts 1.0.)
size_t rehearsal_texts(double rehearsal, size_t new_texts, size_t base_ngrams);

/// What a model that training goes on from has in common with the new texts.
struct GoingOn {
  size_t labels = 0;          ///< of the old model
  size_t matched_labels = 0;  ///< of them in the new training part
  size_t new_labels = 0;      ///< that the old model lacks
  size_t ngrams = 0;          ///< of the old model
  size_t matched_ngrams = 0;  ///< of them in the new training part
  size_t new_ngrams = 0;
  size_t contradicted = 0;  ///< old n-grams that the new texts contradict (rehearsal.hpp)
  size_t rehearsed = 0;     ///< texts made up to train on
};

/// The file of new texts that a model goes on with.
struct NewTexts {
  size_t count = 0;       ///< made-up ones are numbered from here on
  bool held_out = false;  ///< the validation texts are of it too
  bool weighted = false;  ///< its texts came with weights, which stay as they are
};

/// Counts what `base` has in common with the training texts, which are encoded for `start`, what
/// grow() made of it. Where settings.rehearsal > 0, adds rehearsals of the rest to both sets.
GoingOn go_on_from(const Classifier& base, const Classifier& start, const TrainSettings& settings,
                   const NewTexts& texts, TrainingSet& training, ValidationSets& validation,
                   ThreadPool& pool);

}  // namespace ockham
