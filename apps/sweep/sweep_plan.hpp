#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ockham/text/open_records.hpp"
#include "ockham/train/criterion.hpp"

namespace ockham {

/// Under this the section of a plan that a run is of is told.
inline constexpr const char* kSection = "section";

/// One training of a sweep.
struct SweepRun {
  std::string name;  ///< of its folder; says what sets it apart
  /// What differs between the runs, in the file's order: the section's name under kSection, where
  /// there are sections, and every setting that has several values.
  std::vector<std::pair<std::string, std::string>> varied;
  std::string ini;  ///< what `ockham train --config` takes, without model and threads
  std::vector<std::string> inputs;         ///< files and folders that it reads
  std::string train;                       ///< its labelled texts
  DataOptions data;                        ///< how they are read
  std::vector<std::string> known_classes;  ///< of the model that it goes on from, if there is one
  std::string measured_on;  ///< those of its files that validation texts are taken from
  Criterion criterion = Criterion::accuracy;  ///< what its models are compared by
};

/// Reads a sweep's INI file: lines `key = value` of `ockham train`, where a value may be several,
/// separated by ` | `: the runs are all their combinations. Each section [name] is a list of its
/// own, of what stands before the first section with its lines added or in their place.
///
///     train = train.tsv
///     seed = 1 | 2 | 3
///     [sparse]
///     kl-scale = 0.1:10 | 0.2:15
///     [gaussian]
///     posterior = gaussian-dropout:0.25
///
/// Throws Error with file:line: an unknown key (names the nearest), a bad value, a key twice, one
/// that a sweep sets itself, two runs of the same settings, more than 10,000 runs, runs whose
/// models are not compared by the same criterion, a model to go on from that is not there or does
/// not have the settings of its run.
std::vector<SweepRun> read_sweep_plan(const std::string& path);

}  // namespace ockham
