#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "ockham/compress/hashing.hpp"
#include "ockham/compress/weight_format.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/train/criterion.hpp"
#include "ockham/train/prepare.hpp"
#include "ockham/train/teachers.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// How n-grams are hashed in a file whose model was trained with words.
struct HashWish {
  std::optional<uint32_t> bits;  ///< nothing: as few as the texts allow
};

/// The texts that a file's weights are trained and chosen by, with labels that are the model's
/// classes.
struct FileTexts {
  std::optional<Dataset> training;
  /// Nothing: what training holds out of the training texts (split_validation()).
  std::optional<Dataset> validation;
  /// What larger models say of the training texts, and of texts without labels behind them: weights
  /// that learn to be rounded learn that too.
  std::optional<Lesson> lesson = {};
  double held_out = 0;  ///< share of the labelled training texts; 0: held_out_share() of all texts
};

/// A deployable file, not written yet.
struct MadeFile {
  std::string bytes;
  WeightFormat format = WeightFormat::int8;
  size_t epochs = 0;                ///< of learning to be rounded
  std::optional<HashFit> hash;      ///< where n-grams were hashed
  std::optional<double> score;      ///< of the criterion on validation, where it was measured
  std::optional<double> unrounded;  ///< what the model has of it with its weights as they are
};

/// A model on its way into a file: its n-grams are what they will be there.
struct FileDraft {
  FoldedModel model;
  std::optional<HashFit> hash;
  std::optional<double> score = {};  ///< of the model as it is, once it was measured
};

/// Makes files of the models of one training. Where texts have several labels, the thresholds of a
/// file that is measured are fitted to the validation texts; that of a label which no text has
/// stays the model's.
class FileMaker {
 public:
  /// The texts must outlive it.
  FileMaker(std::optional<HashWish> hashing, const FileTexts& texts, Criterion criterion,
            ThreadPool& pool);

  /// What files are measured by.
  Criterion criterion() const { return criterion_; }
  /// How many texts they are measured on.
  size_t validation_texts() const;

  /// Where n-grams are known by hashes, the tokenizer is told of their characters, as far as the
  /// training texts tell (known_characters()). Throws Error where n-grams shall be hashed that are
  /// known by hashes already.
  FileDraft draft(FoldedModel model);
  /// The file of a draft whose weights are rounded, without a score.
  MadeFile round(const FileDraft& draft, WeightFormat format) const;
  /// The same, measured. Throws Error without texts to measure on, as the two below.
  MadeFile measure(FileDraft& draft, WeightFormat format) const;
  /// The file of a draft that learned to be rounded for so many epochs, measured.
  MadeFile fine_tune(FileDraft& draft, WeightFormat format, size_t epochs) const;
  /// What the draft has of the criterion with its weights as they are.
  double score(FileDraft& draft) const;

 private:
  const NgramHashes& counts(const FoldedModel& model, uint32_t length);
  HashFit fit(const FoldedModel& model);
  void tell(FoldedModel& model);
  /// The rounded model with its temperature fitted anew, after a training for the NLL.
  FoldedModel calibrated(FoldedModel model, WeightFormat format) const;
  MadeFile measured(FoldedModel model, const FileDraft& draft, WeightFormat format) const;
  double fit_and_score(FoldedModel& model) const;
  TrainingSet validation_set(const FoldedModel& model) const;
  TrainingSet encode(const FoldedModel& model, const Dataset& texts,
                     std::span<const uint32_t> indices) const;

  std::optional<HashWish> hashing_;
  const FileTexts& texts_;
  Criterion criterion_;
  ThreadPool& pool_;
  Split split_;         // of the training texts
  NgramHashes counts_;  // of the training texts
  uint32_t counted_length_ = 0;
};

}  // namespace ockham
