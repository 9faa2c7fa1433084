#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/file_maker.hpp"
#include "apps/hash_option.hpp"
#include "apps/load_model.hpp"
#include "apps/model_folder.hpp"
#include "apps/options.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {
namespace {

struct Arguments {
  std::string model;
  std::string output;
  std::string weights = "int8";
  std::string vocabulary = "words";
  size_t fine_tune_epochs = 0;
  std::string train, valid;
  DataOptions data;
  std::optional<size_t> max_bytes;
  std::optional<double> min_accuracy;
  size_t threads = std::max(1u, std::thread::hardware_concurrency());
};

bool is_hashed(const Arguments& arguments) {
  return arguments.vocabulary != "words";
}

/// Whether texts are needed with their labels.
bool is_measured(const Arguments& arguments) {
  return arguments.fine_tune_epochs > 0 || arguments.weights == "auto";
}

std::vector<WeightFormat> formats(const Arguments& arguments) {
  if (arguments.weights != "auto") return {parse_weight_format(arguments.weights)};
  return {WeightFormat::int8, WeightFormat::int6, WeightFormat::int5, WeightFormat::int4};
}

/// Before anything is read.
void check_usage(const Arguments& arguments) {
  if (is_hashed(arguments)) hash_bits(arguments.vocabulary);
  const bool measured = is_measured(arguments);
  if (measured && arguments.train.empty()) {
    throw UsageError(
        "--fine-tune-epochs and --weights auto need texts: give the training's with "
        "--train");
  }
  if (!arguments.train.empty() && !measured && !is_hashed(arguments)) {
    throw UsageError("--train is for --vocabulary hashed, --fine-tune-epochs and --weights auto");
  }
  if (!arguments.valid.empty() && !measured) {
    throw UsageError("--valid is for --fine-tune-epochs and --weights auto");
  }
}

FileTexts read_texts(const Arguments& arguments) {
  FileTexts texts;
  if (arguments.train.empty()) return texts;
  DataOptions options = arguments.data;
  if (!is_measured(arguments)) {
    texts.training = read_data(arguments.train, options);
    return texts;
  }
  const FoldedModel model = load_folded_folder(arguments.model);
  options.several_labels = model.several_labels;
  texts.training = read_labels(arguments.train, options, &model.classes);
  if (!arguments.valid.empty()) {
    texts.validation = read_labels(arguments.valid, options, &model.classes);
  }
  return texts;
}

/// e.g. "int6: 2,480 bytes, 89.10% on 1,250 validation texts"
std::string measured_text(const FileDraft& draft, const MadeFile& file) {
  std::ostringstream text;
  text << weight_format_name(file.format) << ": " << grouped_digits(file.bytes.size()) << " bytes, "
       << std::fixed << std::setprecision(2) << 100.0 * *file.score << "% on "
       << grouped_digits(draft.validation.size()) << " validation texts";
  return text.str();
}

/// Makes the file that is asked for.
class Compressor {
 public:
  Compressor(const Arguments& arguments, FileMaker& maker) : arguments_(arguments), maker_(maker) {}

  MadeFile run() {
    if (!arguments_.max_bytes && !arguments_.min_accuracy) return of_chosen_model();
    path_ = load_summary(arguments_.model);
    for (size_t i = 0; i < path_.points.size(); ++i) {
      drafts_.push_back(maker_.draft(load_folded_folder(path_model_folder(arguments_.model, i))));
    }
    return of_path();
  }

 private:
  /// Without a wish: the model that training chose, in the smallest format that loses little.
  MadeFile of_chosen_model() {
    FileDraft draft = maker_.draft(load_folded_folder(arguments_.model));
    const std::vector<WeightFormat> known = formats(arguments_);
    if (!is_measured(arguments_)) return maker_.round(draft, known.front());
    prepare(draft);
    std::vector<MadeFile> files;
    for (const WeightFormat format : known) {
      files.push_back(finish(draft, format, arguments_.fine_tune_epochs));
    }
    const double floor = maker_.score(draft) - kMostLost;
    std::erase_if(files, [&](const MadeFile& file) {
      return *file.score < floor && file.format != known.front();
    });
    return *std::ranges::min_element(files, {}, size_of);
  }

  /// The points of the path as files of a format, rounded only.
  std::vector<PathPoint> points_in(WeightFormat format) const {
    std::vector<PathPoint> points = path_.points;
    for (size_t i = 0; i < points.size(); ++i) {
      points[i].bytes = maker_.round(drafts_[i], format).bytes.size();
    }
    return points;
  }

  /// The wished-for point of the path, in the format that serves it best.
  MadeFile of_path() {
    std::vector<MadeFile> files = of_path(arguments_.fine_tune_epochs);
    // Training may make all of them too large.
    if (files.empty() && arguments_.fine_tune_epochs > 0) files = of_path(size_t{0});
    if (files.empty()) refuse();
    return best_of(files);
  }

  std::vector<MadeFile> of_path(size_t epochs) {
    std::vector<MadeFile> files;
    for (const WeightFormat format : formats(arguments_)) {
      std::optional<MadeFile> file = of_path(format, epochs);
      if (file) files.push_back(std::move(*file));
    }
    return files;
  }

  /// Nothing where no point will do.
  std::optional<MadeFile> of_path(WeightFormat format, size_t epochs) {
    std::vector<PathPoint> points = points_in(format);
    while (std::ranges::any_of(points, [&](const PathPoint& point) { return will_do(point); })) {
      const size_t i = choose_point(points, path_.measure, wish());
      if (!is_measured(arguments_)) return maker_.round(drafts_[i], format);
      if (drafts_[i].training.size() == 0) prepare(drafts_[i]);
      MadeFile file = finish(drafts_[i], format, epochs);
      // Training may have made it too large; rounding, or other texts, too poor.
      points[i].bytes = file.bytes.size();
      if (!reaches(file)) {
        points[i].accuracy = points[i].micro_f1 = points[i].macro_f1 = 0.0;
        points[i].kept = 0.0;
      }
      if (will_do(points[i])) return file;
    }
    return std::nullopt;
  }

  /// Says why no point will do: there is none on the path, or none is one as a file.
  [[noreturn]] void refuse() const {
    choose_point(points_in(formats(arguments_).back()), path_.measure, wish());
    fail("no file reaches ", *arguments_.min_accuracy, " on the texts that are measured on; ask ",
         "for less, or for weights of more bits");
  }

  PathWish wish() const { return {arguments_.max_bytes, arguments_.min_accuracy}; }
  bool will_do(const PathPoint& point) const {
    return (!arguments_.max_bytes || point.bytes <= *arguments_.max_bytes) &&
           (!arguments_.min_accuracy || score(point, path_.measure) >= *arguments_.min_accuracy);
  }

  /// With an accuracy to reach the smallest that does, else the most accurate.
  MadeFile best_of(const std::vector<MadeFile>& files) const {
    return *std::ranges::min_element(files, [&](const MadeFile& a, const MadeFile& b) {
      if (arguments_.min_accuracy || *a.score == *b.score) return size_of(a) < size_of(b);
      return *a.score > *b.score;
    });
  }

  /// And says, the first time, what is to be doubted about the texts.
  void prepare(FileDraft& draft) {
    maker_.prepare(draft);
    if (std::exchange(texts_looked_at_, true)) return;
    constexpr size_t kFew = 500;
    const size_t texts = draft.validation.size();
    if (arguments_.valid.empty() &&
        std::filesystem::exists(std::filesystem::path(arguments_.model) / kPathFile)) {
      const size_t held_out = load_summary(arguments_.model).measure.texts;
      if (held_out != texts) {
        std::cerr << "train measured the model on " << grouped_digits(held_out) << " texts, of "
                  << arguments_.train << " " << grouped_digits(texts)
                  << " are held out: if the model was trained on them, what is measured flatters; "
                     "give the training's file, or others with --valid\n";
      }
    }
    if (texts < kFew) {
      std::cerr << "with so few texts to measure on, 0.2 points say nothing; give more with "
                   "--valid\n";
    }
  }

  bool reaches(const MadeFile& file) const {
    return !arguments_.min_accuracy || *file.score >= *arguments_.min_accuracy;
  }

  MadeFile finish(const FileDraft& draft, WeightFormat format, size_t epochs) const {
    MadeFile file = maker_.finish(draft, format, epochs);
    std::cerr << measured_text(draft, file)
              << (epochs < arguments_.fine_tune_epochs ? ", not fine-tuned\n" : "\n");
    return file;
  }

  static size_t size_of(const MadeFile& file) { return file.bytes.size(); }

  static constexpr double kMostLost = 0.002;  // of accuracy, by fewer bits

  const Arguments& arguments_;
  FileMaker& maker_;
  PathSummary path_;
  std::vector<FileDraft> drafts_;  // of the path's points
  bool texts_looked_at_ = false;
};

std::string hash_text(const HashFit& fit) {
  std::string text = "hashes of " + std::to_string(fit.hashing.bits) + " bits";
  if (fit.merged > 0) text += ", " + grouped_digits(fit.merged) + " n-grams lost to others";
  if (fit.hits == 0) return text + "\n";
  return text + "; in the texts " + grouped_digits(fit.hits) + " n-grams are known, " +
         grouped_digits(fit.false_hits) + " others are taken for one of them\n";
}

struct Compress final : Subcommand {
  Arguments a;
  Command command{"compress", "Write the deployable file of a trained model.",
                  "ockham compress --model reviews --output reviews.ockham --max-bytes 4000"};

  Compress();
  Command& options() override { return command; }
  int run() override;
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
  command.option(
      &a.vocabulary, "vocabulary", "words|hashed[:BITS]",
      "n-grams by their words, or by a hash, which is smaller; of so many bits, 8 to 24, "
      "or as few as the texts of --train allow; a model trained with hashes keeps them");
  command.option(&a.train, "train", "FILE",
                 "the texts of the training: to choose the hash by, fine-tune on and, those that "
                 "train holds out, measure on");
  command.option(&a.valid, "valid", "FILE", "texts to measure on instead");
  command.option(&a.max_bytes, "max-bytes", "N",
                 "take the most accurate model of the path whose file has at most N bytes",
                 Range::at_least(1));
  command.option(
      &a.min_accuracy, "min-accuracy", "A",
      "take the smallest model of this accuracy (or other criterion) on validation, 0 to 1",
      Range{0, 1});
  command.option(&a.threads, "threads", "N", "no result depends on it", Range{1, 1024});
  command.describe_default("one a processor");
  declare_data_options(command, a.data, TextWeights::without);
}

int Compress::run() {
  check_usage(a);
  if (!is_model_folder(a.model)) {
    fail(a.model, ": is a file; compress takes the folder that ockham train wrote");
  }
  if (a.output == "-") fail("compress writes a file; name one with --output");
  check_outside_model(a.model, a.output);
  ThreadPool pool(a.threads);
  const FileTexts texts = read_texts(a);
  std::optional<HashWish> hashing;
  if (is_hashed(a)) hashing = HashWish{hash_bits(a.vocabulary)};
  FileMaker maker(a.model, hashing, texts, pool);
  const MadeFile file = Compressor(a, maker).run();
  write_file_atomically(a.output, file.bytes);
  std::cerr << a.output << ": " << grouped_digits(file.bytes.size()) << " bytes, "
            << grouped_digits(file.figures.words_kept) << " n-grams, "
            << grouped_digits(file.figures.weights_kept) << " weights"
            << (a.weights == "auto" ? " of " + std::string(weight_format_name(file.format)) : "")
            << '\n';
  if (file.hash) std::cerr << hash_text(*file.hash);
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_compress_command() {
  return std::make_unique<Compress>();
}

}  // namespace ockham
