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
  std::optional<double> score;  ///< on validation, where it was measured
};

/// A model on its way into a file: its n-grams are what they will be there.
struct FileDraft {
  FoldedModel model;
  CompressionFigures figures;
  std::optional<HashFit> hash;
  TrainingSet training, validation;  ///< in its n-gram numbers, once prepare() was called
};

/// Makes files of the models of one path.
class FileMaker {
 public:
  /// `name`: of the model, for messages. The texts must outlive it.
  FileMaker(std::string name, std::optional<HashWish> hashing, const FileTexts& texts,
            ThreadPool& pool);

  FileDraft draft(FoldedModel model);
  /// The file of a draft whose weights are only rounded, without a score.
  MadeFile round(const FileDraft& draft, WeightFormat format) const;
  /// Encodes the texts for finish() and score(). Throws Error where there are no training texts.
  void prepare(FileDraft& draft) const;
  /// The file of a prepared draft, trained for so many epochs (0: only rounded) and measured.
  MadeFile finish(const FileDraft& draft, WeightFormat format, size_t epochs) const;
  /// Of a prepared draft with its weights as they are.
  double score(const FileDraft& draft) const;

 private:
  HashFit fit(const FoldedModel& model);
  MadeFile encode(const FileDraft& draft, const FoldedModel& model, WeightFormat format) const;

  std::string name_;
  std::optional<HashWish> hashing_;
  const FileTexts& texts_;
  ThreadPool& pool_;
  NgramHashes counts_;  // of the training texts
  uint32_t counted_length_ = 0;
};

}  // namespace ockham
