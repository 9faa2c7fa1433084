#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/hash_option.hpp"
#include "apps/load_model.hpp"
#include "apps/made_file_text.hpp"
#include "apps/model_folder.hpp"
#include "apps/options.hpp"
#include "apps/terminal_text.hpp"
#include "apps/thread_option.hpp"
#include "apps/unlabelled.hpp"
#include "ockham/compress/figures.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/deploy/file_choice.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {
namespace {

struct CompressArguments {
  std::string model;
  std::string output;
  std::string weights = "int8";
  std::string vocabulary = {};  ///< empty: as the model was trained
  size_t fine_tune_epochs = 0;
  std::string train, valid;
  std::string unlabelled;  ///< texts that a teacher labels; empty: none
  std::string teacher;     ///< a trained folder; empty: the most accurate point of the path
  DataOptions data;
  PathWish path;
  size_t threads = 1;

  bool has_wish() const { return path.max_bytes || path.min_accuracy; }
  bool is_hashed() const { return !vocabulary.empty() && vocabulary != "words"; }
  bool is_auto() const { return weights == "auto"; }
  bool is_taught() const { return !unlabelled.empty() || !teacher.empty(); }
  /// Whether files are measured, for which texts are needed with their labels.
  bool is_measured() const {
    const bool texts = !train.empty() || !valid.empty();
    return fine_tune_epochs > 0 || is_auto() || (has_wish() && texts);
  }
  std::vector<WeightFormat> formats() const {
    if (!is_auto()) return {parse_weight_format(weights)};
    return {WeightFormat::int8, WeightFormat::int6, WeightFormat::int5, WeightFormat::int4};
  }
};

constexpr const char* kUses = "--fine-tune-epochs, --weights auto, --max-bytes and --min-accuracy";

/// Before anything is read.
void check_usage(const CompressArguments& arguments) {
  refuse_shared_stdin({{"--train", arguments.train},
                       {"--valid", arguments.valid},
                       {"--unlabelled", arguments.unlabelled}});
  if (arguments.is_hashed()) hash_bits(arguments.vocabulary);
  if (arguments.train.empty() && arguments.fine_tune_epochs > 0) {
    throw UsageError("--fine-tune-epochs needs texts: give the training's with --train");
  }
  if (arguments.is_taught() && arguments.fine_tune_epochs == 0) {
    throw UsageError("--unlabelled and --teacher are for --fine-tune-epochs");
  }
  if (arguments.train.empty() && arguments.valid.empty() && arguments.is_auto()) {
    throw UsageError("--weights auto needs texts: give the training's with --train");
  }
  if (!arguments.valid.empty() && !arguments.is_measured()) {
    throw UsageError(std::string("--valid is for ") + kUses);
  }
}

/// Texts of the training that are for nothing.
void check_use_of_texts(const CompressArguments& arguments, const FoldedModel& model) {
  const bool hashed = arguments.is_hashed() || model.vocabulary.hashed() != nullptr;
  if (!arguments.train.empty() && !arguments.is_measured() && !hashed) {
    throw UsageError(std::string("--train is for --vocabulary hashed, ") + kUses);
  }
}

void check_files(const CompressArguments& arguments) {
  require_model_folder(arguments.model, "compress");
  check_result_file("--output", arguments.output, arguments.model,
                    {arguments.train, arguments.valid, arguments.unlabelled});
}

FileTexts read_texts(const CompressArguments& arguments, const FoldedModel& model) {
  FileTexts texts;
  DataOptions options = arguments.data;
  options.several_labels = model.several_labels;
  const auto read = [&](const std::string& path) {
    return arguments.is_measured() ? read_labels(path, options, &model.classes)
                                   : read_data(path, options);
  };
  if (!arguments.train.empty()) texts.training = read(arguments.train);
  if (!arguments.valid.empty()) texts.validation = read(arguments.valid);
  return texts;
}

/// The one that is given, or else the most accurate point of the model's path.
std::string teacher_folder(const CompressArguments& arguments) {
  if (!arguments.teacher.empty()) return arguments.teacher;
  const auto training = training_of(arguments.model);
  if (!training)
    fail(arguments.model, ": has no path to take a teacher from; name one with --teacher");
  const PathSummary path = load_summary(training->string());
  const auto best = std::ranges::max_element(path.points, {}, [&](const PathPoint& point) {
    return score(point, path.measure.criterion);
  });
  return path_model_folder(*training, static_cast<size_t>(best - path.points.begin())).string();
}

/// What the teacher says of all texts, with those without labels appended to `training`.
Lesson learn_from_teacher(const CompressArguments& arguments, const FoldedModel& model,
                          Dataset& training, ThreadPool& pool) {
  constexpr double kShare = 0.7;  // as in training
  const std::vector<Classifier> teachers{load_trained(teacher_folder(arguments), "--teacher")};
  if (!std::ranges::is_permutation(teachers.front().classes, model.classes) ||
      teachers.front().several_labels != model.several_labels) {
    fail("the teacher ", teacher_folder(arguments), " knows other labels than ", arguments.model);
  }
  std::optional<Dataset> unlabelled;
  if (!arguments.unlabelled.empty()) {
    unlabelled = read_unlabelled(arguments.unlabelled, arguments.data, model.classes,
                                 model.several_labels, "");
  }
  return make_lesson(teachers, unlabelled ? &*unlabelled : nullptr, kShare, model.output, training,
                     pool);
}

/// How n-grams shall be hashed; nothing where they stay as the model knows them.
std::optional<HashWish> hash_wish(const CompressArguments& arguments, const FoldedModel& model) {
  const HashedVocabulary* hashed = model.vocabulary.hashed();
  if (hashed == nullptr) {
    if (!arguments.is_hashed()) return std::nullopt;
    return HashWish{hash_bits(arguments.vocabulary)};
  }
  const uint32_t bits = hashed->hashing().bits;
  const bool same =
      arguments.vocabulary.empty() ||
      (arguments.is_hashed() && hash_bits(arguments.vocabulary).value_or(bits) == bits);
  if (!same) {
    fail(arguments.model, ": was trained with hashes of ", bits,
         " bits, and keeps them; leave out --vocabulary");
  }
  return std::nullopt;
}

/// How files get smaller of which the smallest is too large, behind a semicolon: what helps most
/// first, for of fewer bits and hashes a file has half the bytes at best.
std::string smaller_advice(const CompressArguments& arguments, const FoldedModel& model,
                           size_t smallest) {
  std::vector<std::string> ways;
  if (!arguments.is_auto() && arguments.weights != "int4") ways.push_back("--weights int4");
  const bool hashed = arguments.is_hashed() || model.vocabulary.hashed() != nullptr;
  if (!hashed) ways.push_back("--vocabulary hashed");
  const bool far_off = smallest / 2 > *arguments.path.max_bytes;
  ways.insert(far_off ? ways.begin() : ways.end(),
              "a training with --max-bytes " + number_text(*arguments.path.max_bytes));
  return "; no file was written; smaller: " + join(ways, ", ");
}

/// What is to be doubted about what files are chosen by.
void say_doubts(const CompressArguments& arguments, const std::optional<PathSummary>& path,
                size_t validation_texts) {
  const std::vector<WeightFormat> formats = arguments.formats();
  const bool few_bits = is_whole(formats.back()) && formats.back() != WeightFormat::int8;
  if (!arguments.is_measured() && arguments.has_wish() && (arguments.is_hashed() || few_bits)) {
    std::cerr << "chosen by what training measured, before "
              << (arguments.is_hashed() ? "hashing and rounding" : "rounding")
              << "; give the training's texts with --train to have the files measured\n";
  }
  if (!arguments.is_measured()) return;
  if (arguments.valid.empty() && path && path->measure.texts != validation_texts) {
    std::cerr << "train measured the model on " << grouped_digits(path->measure.texts)
              << " texts, of " << arguments.train << " " << grouped_digits(validation_texts)
              << " are held out: if the model was trained on them, what is measured flatters; "
                 "give the training's file, or others with --valid\n";
  }
  constexpr size_t kFew = 500;
  if (arguments.is_auto() && validation_texts < kFew) {
    std::cerr << "with so few texts to measure on, 0.2 points say nothing; give more"
              << (arguments.valid.empty() ? " with --valid\n" : "\n");
  }
}

struct Compress final : Subcommand {
  CompressArguments a;
  Command command{"compress", "Write the deployable file of a trained model.",
                  "ockham compress --model reviews --output reviews.ockham --max-bytes 4000"};

  Compress();
  Command& options() override { return command; }
  int run() override;

 private:
  void take_over_wish();
  FileOfPath make(FileMaker& maker, const FoldedModel& model) const;
  FileOfPath make_of_path(FileMaker& maker, const FoldedModel& model, const FileWish& wish,
                          FileListeners listeners) const;
  void say_made(const MadeFile& file) const;
};

Compress::Compress() {
  command.required(&a.model, "model", "DIR", "trained folder");
  command.required(&a.output, "output", "FILE", "the file to write");
  command.choice(&a.weights, "weights", {"int8", "int6", "int5", "int4", "auto", "fp16", "fp32"},
                 "how weights are stored; auto: in the fewest bits, of 8 to 4, that cost at most "
                 "0.2 points on validation");
  command.option(&a.fine_tune_epochs, "fine-tune-epochs", "N",
                 "passes over the texts of --train in which the weights learn to be rounded",
                 Range{0, 1000});
  command.option(&a.vocabulary, "vocabulary", "words|hashed[:BITS]",
                 "n-grams by their words or, smaller, by a hash of 8 to 24 bits; without BITS as "
                 "few as the texts of --train allow");
  command.describe_default("as the model was trained");
  command.option(&a.train, "train", "FILE",
                 "the texts of the training: for hashes and their characters, to fine-tune on "
                 "and measure on");
  command.option(&a.valid, "valid", "FILE", "texts to measure on instead");
  command.option(&a.unlabelled, "unlabelled", "FILE", "texts without labels for these passes too");
  command.option(&a.teacher, "teacher", "DIR", "trained folder that these passes learn from");
  command.describe_default("with --unlabelled the most accurate of the path");
  command.size(&a.path.max_bytes, "max-bytes",
               "take the most accurate model of at most so many (4000, 4k)");
  command.option(&a.path.min_accuracy, "min-accuracy", "A",
                 "take the smallest model of this accuracy, 0 to 1", Range{0, 1});
  declare_threads(command, &a.threads);
  declare_data_options(command, a.data, TextWeights::without);
}

int Compress::run() {
  take_over_wish();
  check_usage(a);
  if (a.train.empty() && a.valid.empty() && a.unlabelled.empty()) {
    refuse_data_options(command, "--train or --valid");
  }
  check_files(a);
  ThreadPool pool(usable_threads(a.threads));
  const FoldedModel model = load_folded_folder(a.model);
  check_use_of_texts(a, model);
  FileTexts texts = read_texts(a, model);
  if (a.is_taught()) {
    texts.held_out = held_out_share(*texts.training);  // before other texts are appended
    texts.lesson = learn_from_teacher(a, model, *texts.training, pool);
  }
  const std::optional<HashWish> hashing = hash_wish(a, model);
  const auto training = training_of(a.model);
  std::optional<PathSummary> path;
  if (training) path = load_summary(training->string());
  const Criterion criterion =
      path ? path->measure.criterion : usual_criterion(model.several_labels);
  FileMaker maker(hashing, texts, criterion, pool);
  say_doubts(a, path, maker.validation_texts());
  const MadeFile file = make(maker, model).file;
  write_file_atomically(a.output, file.bytes);
  say_made(file);
  const bool words = model.tokenizer->type() == WordTokenizer().type();
  if (words && model.vocabulary.hashed() != nullptr && a.train.empty()) {
    std::cerr << "the training's texts, --train FILE, tell which characters its hashes stand for; "
                 "programs in C may be smaller then\n";
  }
  return 0;
}

/// What a model was trained for counts for its file, unless something else is asked for: of other
/// words and weights the chosen model's file may be too large.
void Compress::take_over_wish() {
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::path(a.model) / kPathFile, ignored)) return;
  const PathWish wish = load_summary(a.model).wish;
  const bool wished = a.has_wish();
  if (!wished) a.path.min_accuracy = wish.min_accuracy;
  if (a.path.max_bytes || (!wish.max_bytes && (wished || !wish.min_accuracy))) return;
  a.path.max_bytes = wish.max_bytes;
  if (wish.max_bytes) {
    std::cerr << "in " << grouped_digits(*wish.max_bytes)
              << " bytes, as it was trained for; --max-bytes BYTES for others\n";
  } else {
    std::cerr << "of " << percent_text(*wish.min_accuracy)
              << "%, as it was trained for; --min-accuracy A for others\n";
  }
}

FileOfPath Compress::make(FileMaker& maker, const FoldedModel& model) const {
  const FileWish wish{a.formats(), a.fine_tune_epochs, a.path, a.is_measured()};
  FileListeners listeners{.on_measured = [&](const MadeFile& file) {
    std::cerr << measured_text(file, maker.criterion(), maker.validation_texts())
              << (file.epochs < a.fine_tune_epochs ? ", not fine-tuned\n" : "\n");
  }};
  if (a.has_wish()) return make_of_path(maker, model, wish, std::move(listeners));
  MadeFile file = make_file(model, wish, maker, listeners);
  if (a.is_auto()) {
    std::cerr << "unrounded: " << percent_text(*file.unrounded)
              << (*file.score < *file.unrounded - kMostLostByRounding
                      ? "%; all formats cost more than 0.2 points, this one the least\n"
                      : "%\n");
  }
  return {std::move(file)};
}

FileOfPath Compress::make_of_path(FileMaker& maker, const FoldedModel& model, const FileWish& wish,
                                  FileListeners listeners) const {
  const PathSummary path = load_summary(a.model);
  std::vector<FoldedModel> models;
  for (size_t i = 0; i < path.points.size(); ++i) {
    models.push_back(load_folded_folder(path_model_folder(a.model, i)));
  }
  std::vector<TriedFile> tried;
  listeners.on_tried = [&](const TriedFile& file) { tried.push_back(file); };
  try {
    FileOfPath made =
        make_file_of_path(std::move(models), path.points, path.measure, wish, maker, listeners);
    std::cerr << tried_table(tried, made.point);
    return made;
  } catch (const Error& error) {
    std::cerr << tried_table(tried);
    const auto smallest = std::ranges::min_element(tried, {}, &TriedFile::bytes);
    const bool too_large =
        smallest != tried.end() && smallest->bytes > a.path.max_bytes.value_or(SIZE_MAX);
    fail(error.what(), too_large ? smaller_advice(a, model, smallest->bytes) : "");
  }
}

void Compress::say_made(const MadeFile& file) const {
  const CompressionFigures figures = compression_figures(decode_compact(file.bytes, a.output));
  std::cerr << a.output << ": " << grouped_digits(file.bytes.size()) << " bytes, "
            << counted(figures.words_kept, "n-gram", "n-grams") << ", "
            << counted(figures.weights_kept, "weight", "weights")
            << (a.is_auto() ? " of " + std::string(weight_format_name(file.format)) : "") << '\n';
  if (file.hash) std::cerr << hash_text(*file.hash);
}

}  // namespace

std::unique_ptr<Subcommand> make_compress_command() {
  return std::make_unique<Compress>();
}

}  // namespace ockham
