#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "ockham/train/path.hpp"
#include "ockham/train/trainer.hpp"

namespace ockham {

/// path.json: the points of a path, and how they were measured.
struct PathSummary {
  std::vector<PathPoint> points;
  PathMeasure measure;
  size_t chosen = 0;
  PathWish wish = {};  ///< that it was chosen by

  friend bool operator==(const PathSummary&, const PathSummary&) = default;
};

inline constexpr const char* kPathFile = "path.json";
inline constexpr const char* kPathFolder = "path";

/// What path.json and reports say that a point was chosen by, where there are made-up texts.
inline constexpr const char* kMeanWithKept = "mean of validation and kept";
inline constexpr const char* kValidation = "validation";

/// A point as the JSON object that path.json, logs and reports hold.
std::string path_point_json(const PathPoint& point);
/// Throws Error, or what the JSON library does, for text that is no such object.
PathPoint path_point_from_json(const std::string& text);

/// Writes path.json and path/00, path/01, ... (each a model folder) into an existing folder.
void save_path(const std::filesystem::path& folder, const PathSummary& summary,
               std::span<const PathModel> models);

/// Throws Error that names the file.
PathSummary load_path_summary(const std::filesystem::path& folder);
std::filesystem::path path_model_folder(const std::filesystem::path& folder, size_t point);
std::vector<PathModel> load_path(const std::filesystem::path& folder);

}  // namespace ockham
