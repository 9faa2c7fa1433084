#include "apps/training_folder.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "apps/folder_names.hpp"
#include "apps/model_folder.hpp"
#include "apps/teaching.hpp"
#include "ockham/model/classifier_io.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/atomic_folder.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/train/checkpoint.hpp"

namespace ockham {

namespace fs = std::filesystem;

namespace {

/// Epochs of a restored state that its log tells.
size_t told_epochs(const TrainingState& state) {
  if (state.phase == TrainingState::Phase::done) return SIZE_MAX;  // a point may be behind them
  return state.all_epochs - (state.loss_before_point ? 1 : 0);
}

void copy_log(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from / kLogFile, to / kLogFile, error);
  if (error) fail("cannot copy the log to ", to.string(), ": ", system_reason(error.value()));
}

/// What the file holds is replaced, but for the log of the training that is gone on with; `own`
/// says that the file is where that one's is, whatever a crash left of it.
void check_log_file(const std::string& file, bool own) {
  std::error_code ignored;
  const fs::file_status status = fs::status(file, ignored);
  const bool special = fs::exists(status) && !fs::is_regular_file(status);
  if (special || file.starts_with("/dev/") || file.starts_with("/proc/")) {
    fail("--log writes a file, and ", file, " is none; name one");
  }
  const fs::path folder = fs::path(file).parent_path();
  if (!folder.empty() && !fs::is_directory(folder, ignored)) {
    fail("--log ", file, ": there is no folder ", folder.string(),
         "; make it or name another file");
  }
  if (!own && !is_training_log(file)) {
    fail(file, ": is no log of a training and would be lost; name another file with --log");
  }
}

}  // namespace

TrainingFolder::TrainingFolder(TrainOptions& options, Progress& progress)
    : options_(options), arguments_(options.arguments()), progress_(progress) {}

void TrainingFolder::claim(const std::vector<std::string>& inputs) {
  const std::string& model = arguments_.model;
  check_not_in_a_model(model);
  check_model_folder(model);
  if (!arguments_.log.empty()) {
    check_written_file("--log", arguments_.log, model, inputs);
    const bool own = arguments_.resume && options_.checkpoint_log() == fs::absolute(arguments_.log);
    check_log_file(arguments_.log, own);
  }
  lock();
  check_can_be_moved(model);
  check_can_be_made();
  if (!arguments_.resume) {
    check_no_unfinished_training(model);
  } else if (!(arguments_.trains_teachers() && is_there(fs::path(model) / kTeachersFolder))) {
    check_checkpoint(model);
  }
  if (is_there(fs::path(model) / kPathFile)) {
    progress_.note(model + ": the model that is there is replaced when the new one is ready");
  }
}

/// What cannot be made is told before texts are read; nothing is left of the attempt.
void TrainingFolder::check_can_be_made() const {
  fs::path first_new = fs::absolute(arguments_.model);
  if (is_there(first_new)) return;
  while (!is_there(first_new.parent_path())) first_new = first_new.parent_path();
  AtomicFolder(first_new, kLogFile);
}

/// Two trainings would mix their logs and checkpoints.
void TrainingFolder::lock() {
  if (lock_.take(arguments_.model)) return;
  fail(arguments_.model, ": another training is at work in it; wait until it has ended, or name ",
       "another folder with --model");
}

/// What cannot be written is told now, and not when the model is ready.
void TrainingFolder::make() {
  const fs::path folder = arguments_.model, log = folder / kLogFile;
  // A log that was lost is no loss; the folder would not count as a model's without one.
  const bool holds_model =
      is_there(folder / kPathFile) || (arguments_.resume && has_unfinished_training(folder));
  if (holds_model && !is_there(log)) write_file_atomically(log, "");
  AtomicFolder(folder, kLogFile);
  make_folders(folder);
  lock();
  if (!has_unfinished_training(folder)) keep_models_log();
}

/// A model that is there stays whole, with its curves, until the new one takes its place.
void TrainingFolder::keep_models_log() const {
  const fs::path folder = arguments_.model, kept = kept_log(folder);
  if (!is_there(folder / kPathFile) || !is_there(folder / kLogFile) || is_there(kept)) return;
  if (fs::is_empty(folder / kLogFile)) return;  // it was lost
  make_folders(kept.parent_path());
  write_file_atomically(kept, read_file(folder / kLogFile));
}

void TrainingFolder::open_for_teachers(size_t ready) {
  if (log_.is_open()) return;
  const fs::path folder = arguments_.model;
  make();
  if (!is_there(folder / kLogFile)) write_file_atomically(folder / kLogFile, "");
  write_file_atomically(folder / kCheckpointSettingsFile, options_.resume_ini());
  make_folders(folder / kTeachersFolder);
  open_log(ready, {});  // an older model's is lost last
}

std::optional<TrainingState> TrainingFolder::open(TrainingStart start) {
  start_ = std::move(start);
  make();
  const size_t teachers = arguments_.teachers.value_or(0);
  if (arguments_.resume && has_checkpoint(arguments_.model)) {
    TrainingState state = load_state();
    if (!open_log(teachers, told_epochs(state))) {
      progress_.note("the log had lost its beginning, or was another training's: " +
                     (fs::path(arguments_.model) / kLogFile).string() + " tells what is to come");
      tell_start(std::min(told_epochs(state), state.all_epochs));
    }
    return state;
  }
  drop_checkpoint();  // what an older unfinished run left would not fit the new log
  if (!log_.is_open()) open_log(teachers, {});
  tell_start(0);
  return std::nullopt;
}

TrainingState TrainingFolder::load_state() {
  try {
    return load_checkpoint(arguments_.model, start_.fingerprint);
  } catch (const Error& error) {
    const std::string difference = options_.difference_from_checkpoint();
    if (difference.empty()) throw;
    fail(error.what(), " (", difference, ")");
  }
}

/// False where the log does not hold the model's start.
bool TrainingFolder::open_log(size_t teachers, std::optional<size_t> epochs) {
  const LogPosition from{ready_teachers(arguments_.model, teachers), start_.fingerprint, epochs};
  return log_.open((fs::path(arguments_.model) / kLogFile).string(), arguments_.log, from);
}

void TrainingFolder::tell_start(size_t epochs_before) {
  log_.start({options_.ini(), start_.fingerprint, start_.texts, start_.classifier.classes.size(),
              start_.classifier.vocabulary.size(), epochs_before});
}

void TrainingFolder::drop_checkpoint() const {
  const fs::path folder = arguments_.model;
  std::error_code ignored;
  fs::remove_all(folder / kCheckpointFolder, ignored);
  // Going on needs it as long as there are teachers to go on with.
  if (!arguments_.trains_teachers()) fs::remove(folder / kCheckpointSettingsFile, ignored);
}

void TrainingFolder::checkpoint(const TrainingState& state) {
  try {
    write_checkpoint(state);
  } catch (const Error& error) {
    fail(error.what(), kept_text());
  }
}

void TrainingFolder::write_checkpoint(const TrainingState& state) {
  const fs::path folder = arguments_.model, settings = folder / kCheckpointSettingsFile;
  // A checkpoint has settings from the first; a budget that is new in them is in the state before.
  if (!is_there(settings)) write_file_atomically(settings, options_.resume_ini());
  save_checkpoint(folder, state, start_.classifier, start_.fingerprint);
  write_file_atomically(settings, options_.resume_ini());
}

/// That there is a checkpoint to go on from, behind a semicolon; nothing where there is none.
std::string TrainingFolder::kept_text() const {
  if (!has_checkpoint(arguments_.model)) return "";
  return "; the training is kept as it was last saved: when there is room, " +
         resume_advice(arguments_.model);
}

void TrainingFolder::replace_by_model(const PathSummary& summary, const TrainingState& state,
                                      double seconds) {
  try {
    write_model(summary, state, seconds);
  } catch (const Error& error) {
    try {
      write_checkpoint(state);
    } catch (const Error&) {  // there is no room for that either: an older one is still whole
      if (!has_checkpoint(arguments_.model)) drop_checkpoint();
    }
    fail(error.what(), kept_text());
  }
}

void TrainingFolder::write_model(const PathSummary& summary, const TrainingState& state,
                                 double seconds) {
  AtomicFolder target(arguments_.model, kLogFile);
  save_classifier(target.path(), state.path[summary.chosen].model);
  save_path(target.path(), summary, state.path);
  write_file_atomically(target.path() / kSettingsFile, options_.ini());
  log_.end(summary.chosen, seconds);
  log_.close();
  copy_log(arguments_.model, target.path());
  check_model_folder(arguments_.model);  // training takes its time
  target.commit();
}

}  // namespace ockham
