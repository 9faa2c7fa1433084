#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "ockham/compress/figures.hpp"
#include "ockham/compress/hashing.hpp"
#include "ockham/compress/weight_format.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/train/criterion.hpp"
#include "ockham/train/prepare.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// How n-grams are hashed in a file whose model was trained with words.
struct HashWish {
  std::optional<uint32_t> bits;  ///< nothing: as few as the texts allow
};

/// The texts that a file's weights are trained and chosen by.
struct FileTexts {
  std::optional<Dataset> training;
  /// Labels are the model's classes. Nothing: what `ockham train` holds out of the training texts.
  std::optional<Dataset> validation;
};

/// A deployable file, not written yet.
struct MadeFile {
  std::string bytes;
  WeightFormat format = WeightFormat::int8;
  CompressionFigures figures;
  std::optional<HashFit> hash;
  std::optional<double> score;  ///< of the criterion on validation, where it was measured
};

/// A model on its way into a file: its n-grams are what they will be there.
struct FileDraft {
  FoldedModel model;
  CompressionFigures figures;
  std::optional<HashFit> hash;
  TrainingSet validation, training;  ///< in its n-gram numbers, once they are prepared
};

/// Makes files of the models of one path.
class FileMaker {
 public:
  /// `name`: of the model, for messages. The texts must outlive it.
  FileMaker(std::string name, std::optional<HashWish> hashing, const FileTexts& texts,
            Criterion criterion, ThreadPool& pool);

  FileDraft draft(FoldedModel model);
  /// The file of a draft whose weights are only rounded, without a score.
  MadeFile round(const FileDraft& draft, WeightFormat format) const;
  /// Encodes the texts to measure on, for score() and finish(). Throws Error without any.
  void prepare_scores(FileDraft& draft) const;
  /// Encodes the texts to train on.
  void prepare_training(FileDraft& draft) const;
  /// The file of a prepared draft, trained for so many epochs (0: only rounded) and measured.
  MadeFile finish(const FileDraft& draft, WeightFormat format, size_t epochs) const;
  /// Of a draft with its weights as they are.
  double score(const FileDraft& draft) const;

 private:
  HashFit fit(const FoldedModel& model);
  MadeFile encode(const FileDraft& draft, const FoldedModel& model, WeightFormat format) const;
  TrainingSet encode(const FoldedModel& model, const Dataset& texts,
                     std::span<const uint32_t> indices) const;

  std::string name_;
  std::optional<HashWish> hashing_;
  const FileTexts& texts_;
  Criterion criterion_;
  ThreadPool& pool_;
  Split split_;         // of the training texts
  NgramHashes counts_;  // of the training texts
  uint32_t counted_length_ = 0;
};

}  // namespace ockham
