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

namespace ockham {
namespace {

std::vector<WeightFormat> formats(const CompressArguments& arguments) {
  if (arguments.weights != "auto") return {parse_weight_format(arguments.weights)};
  return {WeightFormat::int8, WeightFormat::int6, WeightFormat::int5, WeightFormat::int4};
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
  Compressor(const CompressArguments& arguments, FileMaker& maker)
      : arguments_(arguments), maker_(maker) {}

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

  const CompressArguments& arguments_;
  FileMaker& maker_;
  PathSummary path_;
  std::vector<FileDraft> drafts_;  // of the path's points
  bool texts_looked_at_ = false;
};

}  // namespace

bool is_measured(const CompressArguments& arguments) {
  return arguments.fine_tune_epochs > 0 || arguments.weights == "auto";
}

MadeFile make_file(const CompressArguments& arguments, FileMaker& maker) {
  return Compressor(arguments, maker).run();
}

}  // namespace ockham
