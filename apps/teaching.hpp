#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "apps/progress.hpp"
#include "apps/train_options.hpp"
#include "apps/training_log.hpp"
#include "ockham/model/classifier.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/train/teachers.hpp"

namespace ockham {

/// What training the teachers of one `ockham train` needs.
struct TeachingContext {
  const TrainArguments& arguments;
  const TrainSettings& wished;  ///< the student's
  ThreadPool& pool;
  Progress& progress;
  Criterion criterion;  ///< what models are compared by
  std::function<bool()> interrupted;
  std::function<std::string(const TrainSettings&)> settings_text;  ///< all that they say
  std::function<size_t(const Classifier&)> file_bytes;             ///< of what compress writes
  Profile* profile;                                                ///< null: nothing is measured
  TrainingLog& log;
  /// Opens the model's folder and the log, after so many teachers, unless they are open.
  std::function<void(size_t ready)> open;
};

/// The fingerprints of the first teachers, `count` at most, that an unfinished training left in its
/// folder.
std::vector<std::string> ready_teachers(const std::filesystem::path& model, size_t count);

/// Those that are there: folders of `ockham train`. Throws Error for one that cannot be read, that
/// is named twice, or that training the folder `model` would replace.
std::vector<Classifier> load_teachers(std::span<const std::string> folders,
                                      const std::string& model);

/// Throws Error where one of them, read from these folders, knows other labels than the dataset.
void check_teachers(std::span<const Classifier> teachers, std::span<const std::string> folders,
                    const Dataset& dataset, const TrainSettings& wished);

/// Trains the teachers that the model's folder does not hold yet, and keeps each there as soon as
/// it is ready. Throws Error, with the way to go on, when it is interrupted.
std::vector<Classifier> train_teachers(const TeachingContext& context, const Dataset& dataset,
                                       const Dataset* validation);

}  // namespace ockham
