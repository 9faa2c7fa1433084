#include "apps/teaching.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "apps/terminal_text.hpp"
#include "ockham/model/classifier_io.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/train/checkpoint.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/prepare.hpp"
#include "ockham/train/trainer.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFingerprintFile = "fingerprint";

/// One teacher, at the most accurate point of its path.
class TeacherTraining {
 public:
  TeacherTraining(const TeachingContext& context, const Dataset& dataset, const Dataset* validation,
                  size_t number)
      : context_(context),
        settings_(teacher_settings(context.wished, dataset, number)),
        prepared_(prepare_training(dataset, validation, settings_, context.pool)),
        measure_(path_measure(prepared_.validation, prepared_.start, context.criterion)),
        fingerprint_(training_fingerprint(prepared_.training, prepared_.validation,
                                          context.settings_text(settings_))) {}

  const std::string& fingerprint() const { return fingerprint_; }

  /// Null where it was interrupted.
  std::optional<PathModel> run() {
    TrainingHooks hooks;
    hooks.on_epoch = [this](const EpochReport& report) { context_.progress.epoch(report); };
    hooks.should_stop = [this](const TrainingState&) { return context_.interrupted(); };
    hooks.gives_up_point = context_.interrupted;
    Trainer trainer(std::move(prepared_.start), std::move(prepared_.training),
                    std::move(prepared_.validation), settings_, context_.pool, hooks);
    trainer.run();
    if (!trainer.done()) return std::nullopt;
    const std::vector<PathModel>& path = trainer.state().path;
    return *std::ranges::max_element(
        path, {}, [&](const PathModel& model) { return score(model.point, measure_); });
  }

 private:
  const TeachingContext& context_;
  TrainSettings settings_;
  PreparedTraining prepared_;
  PathMeasure measure_;
  std::string fingerprint_;
};

fs::path teacher_folder(const TeachingContext& context, size_t number) {
  return fs::path(context.arguments.model) / kTeachersFolder / std::to_string(number);
}

/// The teacher that an interrupted training left, if it was taught the same.
std::optional<Classifier> ready_teacher(const fs::path& folder, const std::string& fingerprint) {
  if (!fs::exists(folder / kFingerprintFile)) return std::nullopt;
  if (read_file(folder / kFingerprintFile) != fingerprint) {
    fail(folder.string(), ": belongs to other data or options; resume with the same ones, or ",
         "remove ", folder.parent_path().string(), " to start anew");
  }
  return load_classifier(folder);
}

/// By the name; where that says nothing, the format of the labelled texts, unless it is TSV, whose
/// lines would need a label, or a folder.
DataFormat unlabelled_format(const TrainArguments& arguments) {
  const DataFormat by_name = text_format(arguments.unlabelled, {});
  if (by_name != DataFormat::lines) return by_name;
  switch (arguments.data.format) {
    case DataFormat::csv:
    case DataFormat::jsonl:
    case DataFormat::fasttext:
      return arguments.data.format;
    default:
      return by_name;
  }
}

void keep_teacher(const fs::path& folder, const Classifier& teacher,
                  const std::string& fingerprint) {
  AtomicFolder target(folder, kFingerprintFile);
  save_classifier(target.path(), teacher);
  write_file_atomically(target.path() / kFingerprintFile, fingerprint);
  target.commit();
}

}  // namespace

Dataset read_unlabelled(const TrainArguments& arguments, const std::vector<std::string>& classes,
                        bool several_labels) {
  DataOptions options = arguments.data;
  options.labels = false;
  options.weight_column.clear();
  options.label_column.clear();
  options.format = unlabelled_format(arguments);
  if (options.format == DataFormat::lines) options.text_column.clear();
  Dataset texts = read_dataset(*open_records(arguments.unlabelled, options),
                               {.folder = arguments.cache_folder});
  if (texts.size() == 0) fail(texts.name, ": holds no text");
  const char separator = several_labels ? arguments.data.label_separator : '\t';
  size_t labelled = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string_view text = texts.text(i);
    const std::string_view front = text.substr(0, text.find('\t'));
    labelled += front.size() < text.size() &&
                std::ranges::find(classes, front.substr(0, front.find(separator))) != classes.end();
  }
  if (2 * labelled > texts.size()) {
    fail(texts.name, ": its texts begin with a label and a tab, which would be taken for words; ",
         "give the texts alone (cut -f 2-)");
  }
  return texts;
}

std::vector<Classifier> train_teachers(const TeachingContext& context, const Dataset& dataset,
                                       const Dataset* validation) {
  const size_t count = context.arguments.teachers;
  std::vector<Classifier> teachers;
  for (size_t i = 0; i < count; ++i) {
    TeacherTraining training(context, dataset, validation, i);
    context.open_folder();
    const fs::path folder = teacher_folder(context, i);
    const std::string name =
        "teacher " + std::to_string(i + 1) + " of " + std::to_string(count) + ": ";
    if (auto ready = ready_teacher(folder, training.fingerprint())) {
      context.progress.note(name + "ready");
      teachers.push_back(std::move(*ready));
      continue;
    }
    auto best = training.run();
    if (!best) {
      fail("stopped while teacher ", i + 1, " of ", count, " was trained, which begins anew; ",
           resume_advice(context.arguments.model));
    }
    keep_teacher(folder, best->model, training.fingerprint());
    context.progress.note(name + percent_text(score(best->point, context.criterion)) +
                          "% on validation with " + grouped_digits(best->point.ngrams) +
                          " n-grams");
    teachers.push_back(std::move(best->model));
  }
  return teachers;
}

Lesson teach(const TeachingContext& context, std::span<const Classifier> teachers,
             const Dataset* unlabelled, Dataset& dataset) {
  const OutputKind output = context.wished.two_class_output;
  Lesson lesson{.targets = ask_teachers(teachers, dataset, output, context.pool),
                .labelled = dataset.size(),
                .share = context.arguments.teacher_share};
  if (unlabelled == nullptr) return lesson;
  const Matrix more = ask_teachers(teachers, *unlabelled, output, context.pool);
  append_unlabelled(*unlabelled, more, context.wished.several_labels, dataset);
  Matrix all(lesson.targets.rows() + more.rows(), more.cols());
  std::ranges::copy(lesson.targets.values(), all.values().begin());
  std::ranges::copy(more.values(),
                    all.values().begin() + static_cast<ptrdiff_t>(lesson.targets.size()));
  lesson.targets = std::move(all);
  return lesson;
}

}  // namespace ockham
