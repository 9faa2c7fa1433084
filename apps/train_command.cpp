#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <optional>
#include <vector>

#include "apps/commands.hpp"
#include "apps/interruption.hpp"
#include "apps/load_model.hpp"
#include "apps/profile_table.hpp"
#include "apps/progress.hpp"
#include "apps/teaching.hpp"
#include "apps/terminal_text.hpp"
#include "apps/thread_option.hpp"
#include "apps/train_options.hpp"
#include "apps/training_folder.hpp"
#include "apps/training_inputs.hpp"
#include "apps/training_notes.hpp"
#include "ockham/compress/folded_model.hpp"
#include "ockham/deploy/compact_file.hpp"
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

/// One `ockham train`.
class Run {
 public:
  explicit Run(TrainOptions& options)
      : options_(options),
        arguments_(options.arguments()),
        pool_(usable_threads(arguments_.threads)),
        progress_(arguments_.quiet),
        inputs_(options, profile(), progress_),
        folder_(options, progress_) {}

  int run() {
    options_.settle_teachers();
    const ProfileNote profile_note(profile(), progress_);
    if (!arguments_.init.empty()) {
      base_ = load_base(arguments_.init);
      options_.go_on_from(*base_);
    }
    const TrainSettings wished = options_.settings();
    folder_.claim(inputs_.files());
    // A wrong name is told now, even where nothing should become so large that it is needed.
    if (!arguments_.cache_folder.empty()) ScratchFile(arguments_.cache_folder);
    TrainSettings settings;
    PreparedTraining prepared = prepare(wished, settings);
    note(prepared_text(prepared));
    note(few_to_choose_by_text(prepared.validation.texts.size()));
    if (settings.language_epochs == 0) {  // a language model's products with words are larger
      note(precision_text(prepared.start.network, settings.precision));
    }
    note(language_text(prepared));
    if (prepared.going_on) {
      note(going_on_text(arguments_.init, *prepared.going_on, prepared.validation.made_up.size()));
      note(forgetting_text(*prepared.going_on));
      note(whole_start_text(*base_, prepared.start));
    }
    if (prepared.vectors) note(vectors_text(*prepared.vectors));
    base_.reset();
    measure_ = path_measure(prepared.validation, prepared.start, options_.criterion());
    TrainingStart start{prepared.start,
                        training_fingerprint(prepared.training, prepared.validation,
                                             options_.settings_ini(settings), prepared.language),
                        texts_};
    start.classifier.network = {};
    Trainer trainer(std::move(prepared.start), std::move(prepared.training),
                    std::move(prepared.validation), settings, pool_, hooks(),
                    std::move(prepared.language));
    if (auto state = folder_.open(std::move(start))) {
      seconds_ = last_checkpoint_ = state->seconds;
      trainer.restore(std::move(*state));
      if (options_.has_new_time_budget()) trainer.begin_budget();
    }
    trap_signals(Waiting::goes_on);
    trainer.run();
    if (!trainer.done()) {
      fail("stopped after epoch ", trainer.state().all_epochs, "; ",
           resume_advice(arguments_.model));
    }
    finish(trainer.state(), trainer.path_end());
    return 0;
  }

 private:
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
      if (!arguments_.quiet) {
        const std::string leaks =
            leaks_text(*validation, dataset, find_leaks(*validation, dataset));
        note(leaks.empty() ? "" : leaks + "; what is measured on them flatters");
      }
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
        .profile = profile(),
        .log = folder_.log(),
        .open = [this](size_t ready) { folder_.open_for_teachers(ready); }};
    const Profile::Phase phase(profile(), "teachers", Profile::Within::the_same);
    const auto begun = std::chrono::steady_clock::now();
    std::ranges::move(train_teachers(context, dataset, validation), std::back_inserter(teachers));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    if (arguments_.trains_teachers() && !arguments_.resume) teachers_seconds_ = took.count();
    const Profile::Part part(profile(), "labelling");
    return make_lesson(teachers, unlabelled, arguments_.teacher_share, wished.two_class_output,
                       dataset, pool_);
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
      folder_.log().epoch(report);
      seconds_ = report.seconds;
    };
    hooks.on_point = [this](const PathPoint& point, std::span<const NoiseHistogram> noise) {
      progress_.point(point, measure_.criterion);
      folder_.log().point(point, noise);
    };
    hooks.should_stop = [this](const TrainingState& state) {
      const bool stop = interrupted();  // read once: no stop without a checkpoint
      if (stop || seconds_ - last_checkpoint_ >= kSecondsBetweenCheckpoints) {
        const Profile::Part part(profile(), "checkpoints");
        folder_.checkpoint(state);
        last_checkpoint_ = seconds_;
      }
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

  void finish(const TrainingState& state, PathEnd end) {
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
    {
      const Profile::Part part(profile(), "writing");
      folder_.replace_by_model(summary, state, seconds_);
    }

    progress_.clear();
    std::cout << path_table(summary);
    if (measure_.made_up_texts > 0) progress_.note("measured on " + path_texts(measure_));
    note(path_end_text(end));
    note(guessing_text(summary));
    progress_.note("trained in " + duration_text(seconds_) +
                   (teachers_seconds_ ? ", its teachers in " + duration_text(*teachers_seconds_)
                                      : std::string()) +
                   "; the model marked > is in " + arguments_.model + ", all of them in " +
                   (fs::path(arguments_.model) / kPathFolder).string());
    if (!unmet.empty()) {
      const size_t bytes = summary.points[summary.chosen].bytes;
      const bool too_large = bytes > arguments_.max_bytes.value_or(SIZE_MAX);
      fail(unmet, "; ", arguments_.model, " holds the nearest",
           too_large ? smaller_advice(state.path.front().model, end) : "");
    }
  }

  /// How a model gets smaller that is too large, behind a semicolon.
  std::string smaller_advice(const Classifier& model, PathEnd end) const {
    if (end == PathEnd::out_of_time) return "; more time gives smaller ones";
    if (!arguments_.init.empty()) {
      return "; --init adds to the old network: lower --hidden and --embedding add less";
    }
    return "; smaller: compress --weights int4" +
           std::string(model.vocabulary.hashed() != nullptr ? "" : " --vocabulary hashed") +
           ", or a higher --kl-scale";
  }

  TrainOptions& options_;
  const TrainArguments& arguments_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  ThreadPool pool_;
  Progress progress_;
  Profile profile_;
  TrainingInputs inputs_;
  TrainingFolder folder_;
  std::optional<Classifier> base_;  // that training goes on from, until it is prepared
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
