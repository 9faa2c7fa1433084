#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "ockham/deploy/file_maker.hpp"
#include "ockham/train/path.hpp"

namespace ockham {

/// What a deployable file shall be.
struct FileWish {
  std::vector<WeightFormat> formats = {WeightFormat::int8};  ///< at least one; several: the best
  size_t fine_tune_epochs = 0;                               ///< of learning to be rounded
  PathWish path = {};
  /// Whether files are compared by what they are on validation texts, which fine-tuning and several
  /// formats need; else by what training measured of their models.
  bool measured = false;
};

/// Called with each file that was measured and may be taken; or null.
using OnMeasured = std::function<void(const MadeFile&)>;

/// What a model may lose of the criterion by fewer bits where the format is to be chosen.
inline constexpr double kMostLostByRounding = 0.002;

/// A model's file, whatever the wish for the path. Of several formats: the smallest file that loses
/// at most kMostLostByRounding of what the model has unrounded or, where all lose more, the
/// smallest of the best.
MadeFile make_file(FoldedModel model, const FileWish& wish, FileMaker& maker,
                   const OnMeasured& on_measured = nullptr);

/// The file of the point of a path that meets the wish for it, of all formats: as choose_point()
/// takes it. Where weights learn to be rounded, points are chosen by what they have unrounded, one
/// for each format; where that makes one too large or too poor it is only rounded, or the next
/// tried. Throws Error that names the nearest file when none will do. `models`: of the points, in
/// order.
MadeFile make_file_of_path(std::vector<FoldedModel> models, std::span<const PathPoint> points,
                           const PathMeasure& measure, const FileWish& wish, FileMaker& maker,
                           const OnMeasured& on_measured = nullptr);

/// Which of one model's files to take, the index of the first if `files` are equals; not empty.
size_t choose_rounded(std::span<const MadeFile> files);

}  // namespace ockham
