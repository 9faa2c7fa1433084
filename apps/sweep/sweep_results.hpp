#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ockham/train/criterion.hpp"
#include "ockham/train/path.hpp"

namespace ockham {

/// One model of a sweep: a point of a run's path.
struct SweepPoint {
  std::string run;
  std::vector<std::pair<std::string, std::string>> varied;  ///< as SweepRun::varied
  size_t number = 0;                                        ///< of the path
  bool chosen = false;                                      ///< by its training
  PathPoint point;
  bool on_front = false;
  std::optional<double> tested;  ///< the criterion on texts that no training saw
  double seconds = 0;            ///< that its training took, teachers not counted
};

struct SweepResults {
  Criterion criterion = Criterion::accuracy;
  std::vector<SweepPoint> points;  ///< run by run, from accurate to small
};

/// Takes over what earlier results say of the same models, of as many n-grams, weights and bytes:
/// how they did on test texts.
void take_tested(const SweepResults& earlier, SweepResults& results);

/// Gives runs other names, and forgets those whose names they get; `names`: the new ones by the old
/// ones.
void rename_runs(const std::map<std::string, std::string>& names, SweepResults& results);

/// Marks the models that none is better than: whoever is more accurate on validation takes more
/// bytes (Pareto front; the first of equals).
void mark_front(SweepResults& results);
/// Those, from small to large.
std::vector<const SweepPoint*> front_of(const SweepResults& results);

/// A line for each model, commas between columns that the first line names.
std::string sweep_csv(const SweepResults& results);
/// The same as one JSON object a line.
std::string sweep_jsonl(const SweepResults& results);
/// Throws Error that names file and line.
SweepResults read_sweep_jsonl(const std::string& path);

/// The front as a table for people.
std::string front_table(const SweepResults& results);

}  // namespace ockham
