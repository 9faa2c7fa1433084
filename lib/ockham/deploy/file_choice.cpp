#include "ockham/deploy/file_choice.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace ockham {
namespace {

/// A point as a file that has so much of the criterion.
/// Its NLL is not known, nor that of any other that it is compared with.
PathPoint point_of(size_t bytes, double score) {
  PathPoint point;
  point.bytes = bytes;
  point.accuracy = point.micro_f1 = point.macro_f1 = score;
  return point;
}

/// Chooses among the files of a path.
class PathFiles {
 public:
  PathFiles(std::vector<FoldedModel> models, std::span<const PathPoint> points,
            const PathMeasure& measure, const FileWish& wish, FileMaker& maker,
            const FileListeners& listeners)
      : points_(points), measure_(measure), wish_(wish), maker_(maker), listeners_(listeners) {
    for (FoldedModel& model : models) drafts_.push_back(maker.draft(std::move(model)));
    // What training knew of made-up texts is not known of files.
    if (wish.measured) measure_ = {maker.validation_texts(), measure.criterion};
  }

  FileOfPath choose() {
    if (wish_.fine_tune_epochs > 0) {
      std::vector<FileOfPath> trained;
      for (const WeightFormat format : wish_.formats) fine_tune(format, trained);
      if (!trained.empty()) return std::move(trained[choose_point(as_points(trained))]);
    }
    return rounded();
  }

 private:
  size_t choose_point(std::span<const PathPoint> points) const {
    return ockham::choose_point(points, measure_, wish_.path);
  }

  bool will_do(const PathPoint& point) const {
    const PathWish& path = wish_.path;
    return (!path.max_bytes || point.bytes <= *path.max_bytes) &&
           (!path.min_accuracy || score(point, measure_) >= *path.min_accuracy);
  }

  static std::vector<PathPoint> as_points(std::span<const FileOfPath> files) {
    std::vector<PathPoint> points;
    for (const auto& [file, point] : files) {
      points.push_back(point_of(file.bytes.size(), *file.score));
    }
    return points;
  }

  void tell_measured(const MadeFile& file) const {
    if (listeners_.on_measured) listeners_.on_measured(file);
  }

  void tell_tried(size_t i, WeightFormat format, const PathPoint& point, bool unrounded) const {
    if (!listeners_.on_tried) return;
    listeners_.on_tried({i, format, point.bytes, score(point, measure_), unrounded});
  }

  /// Of all points in all formats, only rounded.
  FileOfPath rounded() {
    std::vector<FileOfPath> files;
    std::vector<PathPoint> points;
    for (const WeightFormat format : wish_.formats) {
      for (size_t i = 0; i < drafts_.size(); ++i) {
        MadeFile file =
            wish_.measured ? maker_.measure(drafts_[i], format) : maker_.round(drafts_[i], format);
        PathPoint& point = points.emplace_back(points_[i]);
        if (file.score) point = point_of(0, *file.score);
        point.bytes = file.bytes.size();
        tell_tried(i, format, point, false);
        files.push_back({std::move(file), i});
      }
    }
    FileOfPath chosen = std::move(files[choose_point(points)]);
    if (wish_.measured) tell_measured(chosen.file);
    return chosen;
  }

  /// The best of one format, trained, joins the files; nothing does where no point will do. So do
  /// those, only rounded, that training made too large.
  void fine_tune(WeightFormat format, std::vector<FileOfPath>& files) {
    std::vector<PathPoint> points;
    for (FileDraft& draft : drafts_) {
      points.push_back(point_of(maker_.round(draft, format).bytes.size(), maker_.score(draft)));
    }
    for (size_t i = 0; i < points.size(); ++i) tell_tried(i, format, points[i], true);
    while (std::ranges::any_of(points, [&](const PathPoint& point) { return will_do(point); })) {
      const size_t i = choose_point(points);
      MadeFile file = maker_.fine_tune(drafts_[i], format, wish_.fine_tune_epochs);
      points[i] = point_of(file.bytes.size(), *file.score);
      if (will_do(points[i])) {
        tell_measured(file);
        files.push_back({std::move(file), i});
        return;
      }
      MadeFile only_rounded = maker_.measure(drafts_[i], format);
      if (will_do(point_of(only_rounded.bytes.size(), *only_rounded.score))) {
        tell_measured(only_rounded);
        files.push_back({std::move(only_rounded), i});
      }
    }
  }

  std::span<const PathPoint> points_;
  PathMeasure measure_;
  const FileWish& wish_;
  FileMaker& maker_;
  const FileListeners& listeners_;
  std::vector<FileDraft> drafts_;  // of the points
};

}  // namespace

size_t choose_rounded(std::span<const MadeFile> files) {
  const auto score = [](const MadeFile& file) { return *file.score; };
  const double best = score(*std::ranges::max_element(files, {}, score));
  const auto smallest = std::ranges::min_element(files, {}, [&](const MadeFile& file) {
    const double floor = std::min(best, *file.unrounded - kMostLostByRounding);
    return score(file) < floor ? SIZE_MAX : file.bytes.size();
  });
  return static_cast<size_t>(smallest - files.begin());
}

MadeFile make_file(FoldedModel model, const FileWish& wish, FileMaker& maker,
                   const FileListeners& listeners) {
  FileDraft draft = maker.draft(std::move(model));
  if (!wish.measured) return maker.round(draft, wish.formats.front());
  std::vector<MadeFile> files;
  for (const WeightFormat format : wish.formats) {
    files.push_back(wish.fine_tune_epochs > 0
                        ? maker.fine_tune(draft, format, wish.fine_tune_epochs)
                        : maker.measure(draft, format));
    if (listeners.on_measured) listeners.on_measured(files.back());
  }
  return std::move(files[choose_rounded(files)]);
}

FileOfPath make_file_of_path(std::vector<FoldedModel> models, std::span<const PathPoint> points,
                             const PathMeasure& measure, const FileWish& wish, FileMaker& maker,
                             const FileListeners& listeners) {
  return PathFiles(std::move(models), points, measure, wish, maker, listeners).choose();
}

}  // namespace ockham
