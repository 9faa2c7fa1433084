#pragma once

#include <cstddef>
#include <optional>

#include "ockham/model/classifier.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/train/going_on.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/settings.hpp"
#include "ockham/train/teachers.hpp"
#include "ockham/train/training_set.hpp"
#include "ockham/train/vector_start.hpp"

namespace ockham {

/// What a training has beside its texts' labels: at most one of the first two, and no lesson with a
/// base.
struct TrainingSources {
  const Classifier* base = nullptr;     ///< a model to go on from
  const VectorFile* vectors = nullptr;  ///< word vectors for the embedding
  const Lesson* lesson = nullptr;       ///< what teachers say of the dataset's texts
  /// Texts that a language model reads beside the dataset's, and nothing else does; or null.
  const Dataset* read_beside = nullptr;
};

/// Which share of the texts is held out to choose by, unless something else is said: a twentieth
/// where that is enough, else a tenth.
double held_out_share(const Dataset& dataset);

/// The settings with every 0 that stands for "by the data's size" replaced. Throws Error where
/// sizes are given that are too small for a base of plain weights, and what reading vectors throws.
TrainSettings resolve_settings(TrainSettings settings, const Dataset& dataset,
                               TrainingSources from = {});

/// What a Trainer starts from.
struct PreparedTraining {
  Classifier start;
  TrainingSet training;
  ValidationSets validation;
  EncodedCorpus language;  ///< what a language model reads, where that is not the training set's
  size_t candidates = 0;   ///< frequent n-grams before the screen
  size_t screened = 0;     ///< of them, those that passed it
  std::optional<GoingOn> going_on;
  std::optional<VectorStart> vectors;
};

/// Splits (without `validation`: the last part of each class), learns the tokenizer's subwords from
/// the training part where it needs any, screens the n-grams of the training
/// part, encodes, and initialises the network; word columns of the embedding start at the n-grams'
/// log-count ratios (naive Bayes; Wang & Manning 2012), output biases at the classes' log odds.
/// With vectors, the embedding starts from word vectors instead, and is as wide as they.
/// `settings` are resolved. Throws Error when no n-gram passes the screen, when the dataset cannot
/// be trained on, and when `validation` was read with other classes.
///
/// With a lesson, n-grams are screened by the teachers' labels of the texts that have no others,
/// which are all trained on; targets are soft (put_soft_targets()).
///
/// With texts to read beside, `language` holds the training part's and those, in the words of the
/// training part.
///
/// With a `base`, training goes on from that model: the dataset's classes begin with its own
/// (rename_classes()), tokenizer, cut, cell, gate function, number of recurrent layers, directions,
/// poolings and dense layers are its own, its n-grams come first, and the network starts as it,
/// with a fresh one beside (grow.hpp): the settings' embedding and hidden units are added to those
/// that it has left, while its dense layers are as large again as they were before pruning. A base
/// of plain weights and the same classes is the start as it stands (is_whole_start()): there the
/// settings' embedding and hidden units are those of the whole network, its own by
/// resolve_settings(), and only where they are larger is anything fresh. Where
/// settings.rehearsal > 0, texts made up from its n-grams follow the new ones in the training set,
/// and others are the validation's made_up (rehearsal.hpp). What the new texts do not mention is
/// completed in the validation texts too, unless `validation` is given: that stays as it is, and is
/// what points are compared by; else they are by both.
PreparedTraining prepare_training(const Dataset& dataset, const Dataset* validation,
                                  const TrainSettings& settings, ThreadPool& pool,
                                  TrainingSources from = {});

}  // namespace ockham
