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

/// A point of a path as a file of one format, whose weights did not learn to be rounded.
struct TriedFile {
  size_t point = 0;  ///< counted from 0
  WeightFormat format = WeightFormat::int8;
  size_t bytes = 0;
  double score = 0;        ///< that it is chosen by
  bool unrounded = false;  ///< what the model has with its weights as they are
};

/// Called while files are made, each unless it is null.
struct FileListeners {
  /// With each file that was measured and may be taken.
  std::function<void(const MadeFile&)> on_measured = nullptr;
  /// With all points of a path in all formats, before one is taken; again where none that learned
  /// to be rounded will do.
  std::function<void(const TriedFile&)> on_tried = nullptr;
};

/// What a model may lose of the criterion by fewer bits where the format is to be chosen.
inline constexpr double kMostLostByRounding = 0.002;

/// A model's file, whatever the wish for the path. Of several formats: the smallest file that loses
/// at most kMostLostByRounding of what the model has unrounded or, where all lose more, the
/// smallest of the best.
MadeFile make_file(FoldedModel model, const FileWish& wish, FileMaker& maker,
                   const FileListeners& listeners = {});

struct FileOfPath {
  MadeFile file;
  size_t point = 0;  ///< that it is of, counted from 0
};

/// The file of the point of a path that meets the wish for it, of all formats: as choose_point()
/// takes it. Where weights learn to be rounded, points are chosen by what they have unrounded, one
/// for each format; where that makes one too large or too poor it is only rounded, or the next
/// tried. Throws Error that names the nearest file when none will do. `models`: of the points, in
/// order.
FileOfPath make_file_of_path(std::vector<FoldedModel> models, std::span<const PathPoint> points,
                             const PathMeasure& measure, const FileWish& wish, FileMaker& maker,
                             const FileListeners& listeners = {});

/// Which of one model's files to take, the index of the first if `files` are equals; not empty.
size_t choose_rounded(std::span<const MadeFile> files);

}  // namespace ockham
