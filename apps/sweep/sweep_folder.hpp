#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apps/sweep/input_contents.hpp"
#include "apps/sweep/sweep_plan.hpp"

namespace ockham {

/// Where a sweep keeps each run's model, settings and messages, under the run's name.
struct SweepFolder {
  std::filesystem::path folder;

  std::filesystem::path runs() const { return folder / "runs"; }
  std::filesystem::path model(const SweepRun& run) const { return runs() / run.name; }
  std::filesystem::path settings(const SweepRun& run) const;
  std::filesystem::path messages(const SweepRun& run) const;

  /// A run is known by its settings and texts, whatever its name was when the plan was another:
  /// those that are there get the names of the plan. What has such a name and no place in the plan
  /// gets one with "~" behind it. Returns the new names by the old ones. Throws Error, before
  /// anything is renamed, as is_begun() does for what has no other name.
  /// `before` is told, once all is checked, which of them move, the same way; or null.
  using BeforeRenaming = std::function<void(const std::map<std::string, std::string>& names)>;
  std::map<std::string, std::string> rename_runs(const std::vector<SweepRun>& runs,
                                                 InputContents& contents,
                                                 const BeforeRenaming& before = nullptr) const;
  /// A run in whose folder a training is at work; nothing where there is none.
  std::optional<std::string> one_at_work() const;
  /// Whether a run's training has begun. Throws Error where it was made with other settings than
  /// the run's, or of files that were not the same.
  bool is_begun(const SweepRun& run, InputContents& contents) const;
  /// Whether its training has come to its end.
  bool is_finished(const SweepRun& run) const;
};

}  // namespace ockham
