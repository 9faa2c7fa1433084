#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <optional>
#include <vector>

#include "apps/commands.hpp"
#include "apps/interruption.hpp"
#include "apps/load_model.hpp"
#include "apps/model_folder.hpp"
#include "apps/profile_table.hpp"
#include "apps/progress.hpp"
#include "apps/teaching.hpp"
#include "apps/terminal_text.hpp"
#include "apps/train_options.hpp"
#include "apps/training_inputs.hpp"
#include "apps/training_log.hpp"
#include "apps/training_notes.hpp"
#include "ockham/compress/folded_model.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/model/classifier_io.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/tensor/folder_lock.hpp"
#include "ockham/text/dataset_checks.hpp"
#include "ockham/train/checkpoint.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/path_io.hpp"
#include "ockham/train/prepare.hpp"
#include "ockham/train/trainer.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

constexpr double kSecondsBetweenCheckpoints = 30.0;

/// The finished models could not be written.
struct WriteError : Error {
  using Error::Error;
};

/// One `ockham train`.
class Run {
 public:
  explicit Run(TrainOptions& options)
      : options_(options),
        arguments_(options.arguments()),
        pool_(arguments_.threads),
        progress_(arguments_.quiet),
        inputs_(options, profile(), progress_) {}

  int run() {
    options_.settle_teachers();
    const ProfileNote profile_note(profile());
    if (!arguments_.init.empty()) {
      base_ = load_base(arguments_.init);
      options_.go_on_from(*base_);
    }
    const TrainSettings wished = options_.settings();
    check_not_in_a_model(arguments_.model);
    check_model_folder(arguments_.model);
    if (!arguments_.log.empty()) {
      check_written_file("--log", arguments_.log, arguments_.model, inputs_.files());
    }
    lock();
    check_can_be_moved(arguments_.model);
    if (!arguments_.resume) check_no_unfinished_training(arguments_.model);
    // A wrong name is told now, even where nothing should become so large that it is needed.
    if (!arguments_.cache_folder.empty()) ScratchFile(arguments_.cache_folder);
    std::error_code ignored;
    const bool teaching_was_stopped =
        fs::exists(fs::path(arguments_.model) / kTeachersFolder, ignored);
    if (arguments_.resume && !(arguments_.trains_teachers() && teaching_was_stopped)) {
      check_checkpoint(arguments_.model);
    }
    TrainSettings settings;
    PreparedTraining prepared = prepare(wished, settings);
    note(prepared_text(prepared));
    note(few_to_choose_by_text(prepared.validation.texts.size()));
    note(language_text(prepared));
    if (prepared.going_on) {
      note(going_on_text(arguments_.init, *prepared.going_on, prepared.validation.made_up.size()));
      note(forgetting_text(*prepared.going_on));
      note(whole_start_text(*base_, prepared.start));
    }
    if (prepared.vectors) note(vectors_text(*prepared.vectors));
    base_.reset();
    measure_ = path_measure(prepared.validation, prepared.start, options_.criterion());
    start_ = prepared.start;
    start_.network = {};  // checkpoints take the trained one
    fingerprint_ = training_fingerprint(prepared.training, prepared.validation,
                                        options_.settings_ini(settings), prepared.language);
    Trainer trainer(std::move(prepared.start), std::move(prepared.training),
                    std::move(prepared.validation), settings, pool_, hooks(),
                    std::move(prepared.language));
    open_model_folder();
    if (arguments_.resume && has_checkpoint(arguments_.model)) {
      resume(trainer);
    } else {
      start_log();
    }
    trap_signals(Waiting::goes_on);
    trainer.run();
    if (!trainer.done()) {
      fail("stopped after epoch ", trainer.state().all_epochs, "; ",
           resume_advice(arguments_.model));
    }
    finish_or_keep(trainer.state());
    return 0;
  }

 private:
  /// Two trainings would mix their logs and checkpoints.
  void lock() {
    if (lock_.take(arguments_.model)) return;
    fail(arguments_.model, ": another training is at work in it; wait until it has ended, or name ",
         "another folder with --model");
  }

  void open_model_folder() {
    AtomicFolder(arguments_.model, kLogFile);  // what cannot be written is told now
    make_folders(arguments_.model);
    lock();
  }

  /// Reads the texts, which are given up again: training needs no more than their n-grams.
  PreparedTraining prepare(const TrainSettings& wished, TrainSettings& settings) {
    std::vector<Classifier> teachers = load_teachers(arguments_.teacher, arguments_.model);
    Dataset dataset = inputs_.texts(arguments_.train, nullptr);
    check_teachers(teachers, arguments_.teacher, dataset, wished);
    if (base_) rename_classes(dataset, joined_classes(base_->classes, dataset.classes));
    std::optional<Dataset> validation;
    if (!arguments_.valid.empty()) {
      validation = inputs_.texts(arguments_.valid, &dataset.classes);
      note(missing_classes_text(*validation, dataset));
      if (!arguments_.quiet)
        note(leaks_text(*validation, dataset, find_leaks(*validation, dataset)));
    }
    check_trainable(dataset, {.several_labels = wished.several_labels,
                              .known_classes = base_ ? base_->classes.size() : 0,
                              .held_out = !validation});
    inputs_.weigh(dataset);
    const std::optional<VectorFile> vectors = inputs_.vectors();
    const Dataset* chosen_by = validation ? &*validation : nullptr;
    TrainSettings student = wished;
    if (arguments_.is_taught()) {  // by the labelled texts, as teachers that are trained do
      student.validation = teacher_settings(wished, dataset, 0).validation;
    }
    std::optional<Dataset> unlabelled;
    if (!arguments_.unlabelled.empty()) {
      unlabelled = inputs_.unlabelled(dataset.classes, wished.several_labels);
    }
    const Dataset* more = unlabelled ? &*unlabelled : nullptr;
    const std::optional<Lesson> lesson =
        learn_from_teachers(std::move(teachers), dataset, chosen_by, more, wished);
    texts_ = dataset.size();
    const TrainingSources from{base_ ? &*base_ : nullptr, vectors ? &*vectors : nullptr,
                               lesson ? &*lesson : nullptr, lesson ? nullptr : more};
    settings = resolve_settings(student, dataset, from);
    const Profile::Part part(profile(), "n-grams and encoding");
    return prepare_training(dataset, chosen_by, settings, pool_, from);
  }

  /// For teachers, of which so many are ready.
  void open_for_teachers(size_t ready) {
    if (log_.is_open()) return;
    const fs::path folder = arguments_.model;
    std::error_code ignored;
    open_model_folder();
    if (!fs::exists(folder / kLogFile, ignored)) write_file_atomically(folder / kLogFile, "");
    write_file_atomically(folder / kCheckpointSettingsFile, options_.resume_ini());
    make_folders(folder / kTeachersFolder);
    open_log({.teachers = ready});  // an older model's is lost last
  }

  /// Trains teachers beside those that are there, if there are to be any, and appends the texts
  /// that they label to the dataset.
  std::optional<Lesson> learn_from_teachers(std::vector<Classifier> teachers, Dataset& dataset,
                                            const Dataset* validation, const Dataset* unlabelled,
                                            const TrainSettings& wished) {
    if (!arguments_.is_taught()) return std::nullopt;
    trap_signals(Waiting::goes_on);
    const TeachingContext context{
        .arguments = arguments_,
        .wished = wished,
        .pool = pool_,
        .progress = progress_,
        .criterion = options_.criterion(),
        .interrupted = interrupted,
        .settings_text = [&](const TrainSettings& s) { return options_.settings_ini(s); },
        .file_bytes = [this](const Classifier& model) { return file_bytes(model); },
        .log = log_,
        .open = [this](size_t ready) { open_for_teachers(ready); }};
    const Profile::Part part(profile(), "teachers");
    const auto begun = std::chrono::steady_clock::now();
    std::ranges::move(train_teachers(context, dataset, validation), std::back_inserter(teachers));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    if (arguments_.trains_teachers() && !arguments_.resume) teachers_seconds_ = took.count();
    return make_lesson(teachers, unlabelled, arguments_.teacher_share, wished.two_class_output,
                       dataset, pool_);
  }

  void resume(Trainer& trainer) {
    trainer.restore(load_checkpoint(arguments_.model, fingerprint_));
    seconds_ = last_checkpoint_ = trainer.state().seconds;
    if (!open_log({arguments_.teachers.value_or(0), told_epochs(trainer.state())})) tell_start();
  }

  void drop_checkpoint() const {
    const fs::path folder = arguments_.model;
    std::error_code ignored;
    fs::remove_all(folder / kCheckpointFolder, ignored);
    // Going on needs it as long as there are teachers to go on with.
    if (!arguments_.trains_teachers()) fs::remove(folder / kCheckpointSettingsFile, ignored);
  }

  /// False where the log does not hold the model's start.
  bool open_log(LogPosition from) {
    return log_.open((fs::path(arguments_.model) / kLogFile).string(), arguments_.log, from);
  }

  /// Those of a restored state that its log tells.
  static size_t told_epochs(const TrainingState& state) {
    if (state.phase == TrainingState::Phase::done) return SIZE_MAX;  // a point may be behind them
    return state.all_epochs - (state.loss_before_point ? 1 : 0);
  }

  void tell_start() {
    log_.start({options_.ini(), texts_, start_.classes.size(), start_.vocabulary.size()});
  }

  /// What an older unfinished run left would not fit the new log.
  void start_log() {
    drop_checkpoint();
    if (!log_.is_open()) open_log({.teachers = arguments_.teachers.value_or(0)});
    tell_start();
  }

  /// Null unless it is asked for.
  Profile* profile() { return arguments_.profile ? &profile_ : nullptr; }

  void note(const std::string& line) {
    if (!line.empty()) progress_.note(line);
  }

  TrainingHooks hooks() {
    TrainingHooks hooks;
    hooks.on_epoch = [this](const EpochReport& report) {
      progress_.epoch(report);
      log_.epoch(report);
      seconds_ = report.seconds;
    };
    hooks.on_point = [this](const PathPoint& point, std::span<const NoiseHistogram> noise) {
      progress_.point(point, measure_.criterion);
      log_.point(point, noise);
    };
    hooks.should_stop = [this](const TrainingState& state) {
      const bool stop = interrupted();  // read once: no stop without a checkpoint
      if (stop || seconds_ - last_checkpoint_ >= kSecondsBetweenCheckpoints) checkpoint(state);
      return stop;
    };
    hooks.gives_up_point = interrupted;
    hooks.profile = profile();
    hooks.max_bytes = arguments_.max_bytes;
    if (arguments_.time_budget) {
      const std::chrono::duration<double> before = std::chrono::steady_clock::now() - started_;
      hooks.time_budget = std::max(0.0, *arguments_.time_budget - before.count());
    }
    hooks.file_bytes = [this](const Classifier& model) { return file_bytes(model); };
    return hooks;
  }

  size_t file_bytes(const Classifier& model) {
    const Profile::Part part(profile(), "sizes of files");
    return encode_compact(fold(model), WeightFormat::int8).size();
  }

  void checkpoint(const TrainingState& state) {
    const Profile::Part part(profile(), "checkpoints");
    const fs::path folder = arguments_.model;
    write_file_atomically(folder / kCheckpointSettingsFile, options_.resume_ini());
    save_checkpoint(folder, state, start_, fingerprint_);
    last_checkpoint_ = seconds_;
  }

  /// Where the model cannot be written, its training is not lost.
  void finish_or_keep(const TrainingState& state) {
    try {
      finish(state);
    } catch (const WriteError& error) {
      try {
        checkpoint(state);
      } catch (const Error&) {  // there is no room for that either
        drop_checkpoint();
        fail(error.what());
      }
      fail(error.what(), "; the training is kept: when there is room, ",
           resume_advice(arguments_.model));
    }
  }

  void finish(const TrainingState& state) {
    PathSummary summary;
    summary.measure = measure_;
    for (const PathModel& model : state.path) summary.points.push_back(model.point);
    summary.wish = {arguments_.max_bytes, arguments_.min_accuracy};
    std::string unmet;
    try {
      summary.chosen = choose_point(summary.points, measure_, summary.wish);
    } catch (const Error& error) {
      if (summary.points.empty()) throw;
      // The training is not thrown away for a wish that it cannot meet.
      unmet = error.what();
      summary.chosen = nearest_point(summary.points, measure_, summary.wish);
    }
    write(summary, state);

    progress_.clear();
    std::cout << path_table(summary);
    if (measure_.made_up_texts > 0) progress_.note("measured on " + path_texts(measure_));
    progress_.note("trained in " + duration_text(seconds_) +
                   (teachers_seconds_ ? ", its teachers in " + duration_text(*teachers_seconds_)
                                      : std::string()) +
                   "; the model marked > is in " + arguments_.model + ", all of them in " +
                   (fs::path(arguments_.model) / kPathFolder).string());
    if (!unmet.empty()) {
      const bool grown = arguments_.max_bytes && !arguments_.init.empty();
      fail(
          unmet, "; ", arguments_.model, " holds the nearest",
          grown ? "; --init adds to the old network: lower --hidden and --embedding add less" : "");
    }
  }

  /// Throws WriteError.
  void write(const PathSummary& summary, const TrainingState& state) {
    try {
      const Profile::Part part(profile(), "writing");
      AtomicFolder target(arguments_.model, kLogFile);
      save_classifier(target.path(), state.path[summary.chosen].model);
      save_path(target.path(), summary, state.path);
      write_file_atomically(target.path() / kSettingsFile, options_.ini());
      log_.end(summary.chosen, seconds_);
      log_.close();
      copy_log(target.path());
      check_model_folder(arguments_.model);  // training takes its time
      target.commit();
    } catch (const Error& error) {
      throw WriteError(error.what());
    }
  }

  void copy_log(const fs::path& folder) const {
    std::error_code error;
    fs::copy_file(fs::path(arguments_.model) / kLogFile, folder / kLogFile, error);
    if (error) fail("cannot copy the log to ", folder.string(), ": ", system_reason(error.value()));
  }

  TrainOptions& options_;
  const TrainArguments& arguments_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  ThreadPool pool_;
  Progress progress_;
  Profile profile_;
  TrainingInputs inputs_;
  FolderLock lock_;
  TrainingLog log_;
  std::optional<Classifier> base_;  // that training goes on from, until it is prepared
  Classifier start_;
  std::string fingerprint_;
  PathMeasure measure_;
  size_t texts_ = 0;
  double seconds_ = 0.0;
  std::optional<double> teachers_seconds_;  // where this start trained them all
  double last_checkpoint_ = 0.0;
};

struct Train final : Subcommand {
  TrainOptions train;

  Command& options() override { return train.command(); }
  int run() override { return Run(train).run(); }
};

}  // namespace

std::unique_ptr<Subcommand> make_train_command() {
  return std::make_unique<Train>();
}

}  // namespace ockham
