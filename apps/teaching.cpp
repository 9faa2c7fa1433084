#include "apps/teaching.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "apps/folder_names.hpp"
#include "apps/load_model.hpp"
#include "apps/model_folder.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/model/classifier_io.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/atomic_folder.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/train/checkpoint.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/prepare.hpp"
#include "ockham/train/trainer.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFingerprintFile = "fingerprint";

LogStart start_of(const std::string& settings, const Dataset& dataset,
                  const PreparedTraining& prepared) {
  return {settings,
          training_fingerprint(prepared.training, prepared.validation, settings),
          dataset.size(),
          prepared.start.classes.size(),
          prepared.start.vocabulary.size(),
          0};
}

/// One teacher, at the most accurate point of its path.
class TeacherTraining {
 public:
  TeacherTraining(const TeachingContext& context, const Dataset& dataset, const Dataset* validation,
                  size_t number)
      : context_(context),
        settings_(teacher_settings(context.wished, dataset, number)),
        prepared_(prepare(dataset, validation)),
        number_(number),
        start_(start_of(context.settings_text(settings_), dataset, prepared_)),
        measure_(path_measure(prepared_.validation, prepared_.start, context.criterion)) {}

  const std::string& fingerprint() const { return start_.fingerprint; }
  bool knows_nothing(const PathPoint& point) const {
    return score(point, measure_) <= measure_.guess;
  }

  /// Nothing where it was interrupted.
  std::optional<PathModel> run() {
    TrainingHooks hooks;
    double seconds = 0.0;
    hooks.on_epoch = [&](const EpochReport& report) {
      context_.progress.epoch(report);
      context_.log.epoch(report, number_);
      seconds = report.seconds;
    };
    hooks.on_point = [&](const PathPoint& point, std::span<const NoiseHistogram> noise) {
      context_.log.point(point, noise, number_);
    };
    hooks.file_bytes = context_.file_bytes;
    hooks.should_stop = [this](const TrainingState&) { return context_.interrupted(); };
    hooks.gives_up_point = context_.interrupted;
    hooks.profile = context_.profile;
    Trainer trainer(std::move(prepared_.start), std::move(prepared_.training),
                    std::move(prepared_.validation), settings_, context_.pool, hooks);
    context_.log.start(start_, number_);
    trainer.run();
    if (!trainer.done()) return std::nullopt;
    const std::vector<PathModel>& path = trainer.state().path;
    const auto best = std::ranges::max_element(
        path, {}, [&](const PathModel& model) { return score(model.point, measure_); });
    context_.log.end(static_cast<size_t>(best - path.begin()), seconds, number_);
    return *best;
  }

 private:
  PreparedTraining prepare(const Dataset& dataset, const Dataset* validation) const {
    const Profile::Part part(context_.profile, "n-grams and encoding");
    return prepare_training(dataset, validation, settings_, context_.pool);
  }

  const TeachingContext& context_;
  TrainSettings settings_;
  PreparedTraining prepared_;
  size_t number_;
  LogStart start_;
  PathMeasure measure_;
};

fs::path teacher_folder(const fs::path& model, size_t number) {
  return model / kTeachersFolder / std::to_string(number);
}

/// The teacher that an interrupted training left, if it was taught the same.
std::optional<Classifier> ready_teacher(const fs::path& folder, const std::string& fingerprint) {
  std::error_code ignored;
  if (!fs::exists(folder / kFingerprintFile, ignored)) return std::nullopt;
  if (read_file(folder / kFingerprintFile) != fingerprint) {
    fail(folder.string(), ": belongs to other data or options; resume with the same ones, or ",
         "remove ", folder.parent_path().string(), " to start anew");
  }
  return load_classifier(folder);
}

void keep_teacher(const fs::path& folder, const Classifier& teacher,
                  const std::string& fingerprint) {
  AtomicFolder target(folder, kFingerprintFile);
  save_classifier(target.path(), teacher);
  write_file_atomically(target.path() / kFingerprintFile, fingerprint);
  target.commit();
}

}  // namespace

std::vector<std::string> ready_teachers(const fs::path& model, size_t count) {
  std::vector<std::string> fingerprints;
  std::error_code ignored;
  while (fingerprints.size() < count) {
    const fs::path file = teacher_folder(model, fingerprints.size()) / kFingerprintFile;
    if (!fs::exists(file, ignored)) break;
    fingerprints.push_back(read_file(file));
  }
  return fingerprints;
}

std::vector<Classifier> load_teachers(std::span<const std::string> folders,
                                      const std::string& model) {
  std::vector<Classifier> teachers;
  std::set<fs::path> seen;
  for (const std::string& folder : folders) {
    std::error_code ignored;
    if (!seen.insert(fs::weakly_canonical(folder, ignored)).second) {
      fail(folder, ": is named twice with --teacher; each teaches once");
    }
    if (fs::equivalent(folder, model, ignored)) {
      fail(folder, ": is the folder that --model writes; a teacher stays as it is");
    }
    check_outside_model("--model", model, folder);
    teachers.push_back(load_trained(folder, "--teacher"));
  }
  return teachers;
}

void check_teachers(std::span<const Classifier> teachers, std::span<const std::string> folders,
                    const Dataset& dataset, const TrainSettings& wished) {
  for (size_t i = 0; i < teachers.size(); ++i) {
    const Classifier& teacher = teachers[i];
    if (teacher.several_labels != wished.several_labels) {
      fail("the teacher ", folders[i], " gives texts ",
           wished.several_labels ? "one label, and --multi-label is asked for"
                                 : "any number of labels; it teaches with --multi-label only");
    }
    if (std::ranges::is_permutation(teacher.classes, dataset.classes)) continue;
    fail("the teacher ", folders[i], " knows other labels, ", quote_list(teacher.classes),
         ", than ", dataset.name, ": ", quote_list(dataset.classes));
  }
}

std::vector<Classifier> train_teachers(const TeachingContext& context, const Dataset& dataset,
                                       const Dataset* validation) {
  const size_t count = context.arguments.teachers.value_or(0);
  std::vector<Classifier> teachers;
  for (size_t i = 0; i < count; ++i) {
    TeacherTraining training(context, dataset, validation, i);
    const fs::path folder = teacher_folder(context.arguments.model, i);
    const std::string name =
        "teacher " + std::to_string(i + 1) + " of " + std::to_string(count) + ": ";
    if (auto ready = ready_teacher(folder, training.fingerprint())) {
      context.progress.note(name + "ready");
      teachers.push_back(std::move(*ready));
      continue;
    }
    context.open(i);
    auto best = training.run();
    if (!best) {
      fail("stopped while teacher ", i + 1, " of ", count, " was trained, which begins anew; ",
           resume_advice(context.arguments.model));
    }
    keep_teacher(folder, best->model, training.fingerprint());
    context.progress.note(name + percent_text(score(best->point, context.criterion)) +
                          "% on validation with " + grouped_digits(best->point.ngrams) +
                          " n-grams" +
                          (training.knows_nothing(best->point)
                               ? ", no better than always the same label: give more labelled texts"
                               : ""));
    teachers.push_back(std::move(best->model));
  }
  return teachers;
}

}  // namespace ockham
