#include "apps/compressor.hpp"

#include <filesystem>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <utility>
#include <vector>

#include "apps/load_model.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/train/path_io.hpp"
#include "ockham/train/rounding.hpp"

namespace ockham {
namespace {

std::vector<WeightFormat> formats(const CompressArguments& arguments) {
  if (arguments.weights != "auto") return {parse_weight_format(arguments.weights)};
  return {WeightFormat::int8, WeightFormat::int6, WeightFormat::int5, WeightFormat::int4};
}

/// e.g. "89.10%"
std::string percent(double share) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << 100.0 * share << '%';
  return text.str();
}

/// e.g. "int6: 2,480 bytes, 89.10% on 1,250 validation texts"
std::string measured_text(const FileDraft& draft, const MadeFile& file) {
  return std::string(weight_format_name(file.format)) + ": " + grouped_digits(file.bytes.size()) +
         " bytes, " + percent(*file.score) + " on " + grouped_digits(draft.validation.size()) +
         " validation texts";
}

/// How training measured; nothing for a folder without a path.
std::optional<PathMeasure> path_measure_of(const std::string& folder) {
  if (!std::filesystem::exists(std::filesystem::path(folder) / kPathFile)) return std::nullopt;
  return load_summary(folder).measure;
}

/// Whether a file may do far worse than its model, even unnoticed.
bool loses_much(const CompressArguments& arguments) {
  const std::vector<WeightFormat> known = formats(arguments);
  return arguments.vocabulary != "words" ||
         (is_whole(known.back()) && known.back() != WeightFormat::int8);
}

/// Makes the file that is asked for.
class Compressor {
 public:
  Compressor(const CompressArguments& arguments, FileMaker& maker)
      : arguments_(arguments), maker_(maker) {}

  MadeFile run() {
    if (!has_wish(arguments_)) return of_chosen_model();
    path_ = load_summary(arguments_.model);
    for (size_t i = 0; i < path_.points.size(); ++i) {
      drafts_.push_back(maker_.draft(load_folded_folder(path_model_folder(arguments_.model, i))));
    }
    if (is_measured(arguments_)) {
      for (FileDraft& draft : drafts_) prepare_scores(draft);
    } else if (loses_much(arguments_)) {
      std::cerr << "chosen by what training measured, before "
                << (arguments_.vocabulary == "words" ? "rounding" : "hashing and rounding")
                << "; give the training's texts with --train to have the files measured\n";
    }
    return of_path();
  }

 private:
  /// Without a wish: the model that training chose, in the smallest format that loses little.
  MadeFile of_chosen_model() {
    FileDraft draft = maker_.draft(load_folded_folder(arguments_.model));
    const std::vector<WeightFormat> known = formats(arguments_);
    if (!is_measured(arguments_)) return maker_.round(draft, known.front());
    prepare_scores(draft);
    if (arguments_.fine_tune_epochs > 0) maker_.prepare_training(draft);
    std::vector<MadeFile> files;
    for (const WeightFormat format : known) {
      files.push_back(finish(draft, format, arguments_.fine_tune_epochs));
    }
    if (known.size() == 1) return files.front();
    const double unrounded = maker_.score(draft);
    std::vector<RoundedScore> scores;
    for (const MadeFile& file : files) scores.push_back({size_of(file), *file.score});
    MadeFile file = std::move(files[choose_rounded(scores, unrounded)]);
    std::cerr << "unrounded: " << percent(unrounded)
              << (*file.score < unrounded - kMostLostByRounding
                      ? "; all formats cost more than 0.2 points, this one the least\n"
                      : "\n");
    return file;
  }

  /// The points of the path as files of a format that are not fine-tuned. Where texts are at hand,
  /// with the accuracy of their hashed n-grams and, unless the weights will learn to be rounded, of
  /// their rounded weights.
  std::vector<PathPoint> points_in(WeightFormat format, size_t epochs) const {
    std::vector<PathPoint> points = path_.points;
    for (size_t i = 0; i < points.size(); ++i) {
      if (!is_measured(arguments_)) {
        points[i].bytes = maker_.round(drafts_[i], format).bytes.size();
        continue;
      }
      const MadeFile rounded = maker_.finish(drafts_[i], format, 0);
      points[i].bytes = rounded.bytes.size();
      set_score(points[i], epochs > 0 ? maker_.score(drafts_[i]) : *rounded.score);
    }
    return points;
  }

  /// Of all criteria.
  static void set_score(PathPoint& point, double score) {
    point.accuracy = point.micro_f1 = point.macro_f1 = score;
    point.kept.reset();
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
    std::vector<PathPoint> points = points_in(format, epochs);
    while (std::ranges::any_of(points, [&](const PathPoint& point) { return will_do(point); })) {
      const size_t i = choose_point(points, path_.measure, wish());
      if (!is_measured(arguments_)) return maker_.round(drafts_[i], format);
      if (epochs > 0 && drafts_[i].training.size() == 0) maker_.prepare_training(drafts_[i]);
      MadeFile file = finish(drafts_[i], format, epochs);
      // Training may have made it too large; rounding, or other texts, too poor.
      points[i].bytes = file.bytes.size();
      if (!reaches(file)) set_score(points[i], 0.0);
      if (will_do(points[i])) return file;
    }
    return std::nullopt;
  }

  /// Says why no point will do: there is none on the path, or none is one as a file.
  [[noreturn]] void refuse() const {
    choose_point(points_in(formats(arguments_).back(), 0), path_.measure, wish());
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
  void prepare_scores(FileDraft& draft) {
    maker_.prepare_scores(draft);
    if (std::exchange(texts_looked_at_, true)) return;
    constexpr size_t kFew = 500;
    const size_t texts = draft.validation.size();
    const std::optional<PathMeasure> measure = path_measure_of(arguments_.model);
    if (arguments_.valid.empty() && measure) {
      const size_t held_out = measure->texts;
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

  const CompressArguments& arguments_;
  FileMaker& maker_;
  PathSummary path_;
  std::vector<FileDraft> drafts_;  // of the path's points
  bool texts_looked_at_ = false;
};

}  // namespace

bool has_wish(const CompressArguments& arguments) {
  return arguments.max_bytes || arguments.min_accuracy;
}

bool is_measured(const CompressArguments& arguments) {
  const bool texts = !arguments.train.empty() || !arguments.valid.empty();
  return arguments.fine_tune_epochs > 0 || arguments.weights == "auto" ||
         (has_wish(arguments) && texts);
}

Criterion criterion_of(const std::string& folder, bool several_labels) {
  const std::optional<PathMeasure> measure = path_measure_of(folder);
  if (measure) return measure->criterion;
  return several_labels ? Criterion::micro_f1 : Criterion::accuracy;
}

MadeFile make_file(const CompressArguments& arguments, FileMaker& maker) {
  return Compressor(arguments, maker).run();
}

}  // namespace ockham
