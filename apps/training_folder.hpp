#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "apps/progress.hpp"
#include "apps/train_options.hpp"
#include "apps/training_log.hpp"
#include "ockham/model/classifier.hpp"
#include "ockham/tensor/folder_lock.hpp"
#include "ockham/train/path_io.hpp"
#include "ockham/train/trainer.hpp"

namespace ockham {

/// What a training begins with, for its log and its checkpoints.
struct TrainingStart {
  Classifier classifier;    ///< without its network: checkpoints take the trained one
  std::string fingerprint;  ///< as training_fingerprint makes it
  size_t texts = 0;         ///< that were read
};

/// The folder of --model while `ockham train` is at work in it: locked, with the log, and with what
/// going on after a stop needs. The finished model's folder takes its place at the end.
class TrainingFolder {
 public:
  /// Both stay with the caller, and outlive this.
  TrainingFolder(TrainOptions& options, Progress& progress);

  /// Before any text is read. Throws Error for what cannot become a model's folder, where another
  /// training is at work or left its work, and with --resume where there is nothing to go on with.
  /// `inputs`: files that --log must not name.
  void claim(const std::vector<std::string>& inputs);
  /// Before a teacher is trained, of which `ready` are there already.
  void open_for_teachers(size_t ready);
  /// Before the model itself is trained. Returns the state that it goes on from; nothing where it
  /// begins.
  std::optional<TrainingState> open(TrainingStart start);

  TrainingLog& log() { return log_; }
  /// Throws Error where there is no room; an older checkpoint stays.
  void checkpoint(const TrainingState& state);
  /// Where the model cannot be written, keeps the training if that can, and throws Error.
  void replace_by_model(const PathSummary& summary, const TrainingState& state, double seconds);

 private:
  void check_can_be_made() const;
  void lock();
  void make();
  void keep_models_log() const;
  TrainingState load_state();
  bool open_log(size_t teachers, std::optional<size_t> epochs);
  void tell_start(size_t epochs_before);
  void drop_checkpoint() const;
  void write_checkpoint(const TrainingState& state);
  std::string kept_text() const;
  void write_model(const PathSummary& summary, const TrainingState& state, double seconds);

  TrainOptions& options_;
  const TrainArguments& arguments_;
  Progress& progress_;
  FolderLock lock_;
  TrainingLog log_;
  TrainingStart start_;
};

}  // namespace ockham
