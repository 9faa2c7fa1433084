#include "ockham/train/path.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

double percent(double share) {
  return std::round(share * 10000.0) / 100.0;
}

bool smaller(const PathPoint& a, const PathPoint& b) {
  return a.bytes != b.bytes ? a.bytes < b.bytes : a.accuracy > b.accuracy;
}

bool better(const PathPoint& a, const PathPoint& b) {
  return a.accuracy != b.accuracy ? a.accuracy > b.accuracy : a.bytes < b.bytes;
}

double tolerance(double accuracy, size_t texts) {
  constexpr double kMostPoints = 0.005, kMostOfErrors = 0.1;
  const double error = std::sqrt(accuracy * (1.0 - accuracy) / static_cast<double>(texts));
  return std::min({error, kMostPoints, kMostOfErrors * (1.0 - accuracy)});
}

/// Names the most accurate point and, where that one is too large, the most accurate that fits.
[[noreturn]] void refuse_accuracy(std::span<const PathPoint> path, const PathPoint& best,
                                  double floor, const PathWish& wish) {
  std::ostringstream fitting;
  if (wish.max_bytes && best.bytes > *wish.max_bytes) {
    const PathPoint* nearest = nullptr;
    for (const PathPoint& point : path) {
      if (point.bytes > *wish.max_bytes) continue;
      if (nearest == nullptr || better(point, *nearest)) nearest = &point;
    }
    fitting << " and in " << *wish.max_bytes << " bytes " << percent(nearest->accuracy) << "%";
  }
  fail("no model of the path reaches ", percent(floor), "% on validation",
       wish.max_bytes ? " within the given size" : "", "; the best has ", percent(best.accuracy),
       "% with ", best.bytes, " bytes", fitting.str());
}

}  // namespace

size_t choose_point(std::span<const PathPoint> path, size_t texts, const PathWish& wish) {
  if (path.empty()) fail("the training left no model to choose from");
  const auto best = std::min_element(path.begin(), path.end(), better);
  const auto smallest = std::min_element(path.begin(), path.end(), smaller);
  const size_t limit = wish.max_bytes.value_or(SIZE_MAX);
  if (smallest->bytes > limit) {
    fail("no model of the path fits in ", limit, " bytes; the smallest has ", smallest->bytes, " (",
         percent(smallest->accuracy), "% on validation)");
  }
  const bool only_size = wish.max_bytes && !wish.min_accuracy;
  const double tolerated = tolerance(best->accuracy, texts);
  const double floor = wish.min_accuracy.value_or(best->accuracy - tolerated);
  const double f1_floor = wish.min_accuracy ? 0.0 : best->macro_f1 - 2.0 * tolerated;
  const PathPoint* chosen = nullptr;
  for (const PathPoint& point : path) {
    if (point.bytes > limit) continue;
    if (!only_size && (point.accuracy < floor || point.macro_f1 < f1_floor)) continue;
    if (chosen == nullptr || (only_size ? better(point, *chosen) : smaller(point, *chosen))) {
      chosen = &point;
    }
  }
  if (chosen == nullptr) refuse_accuracy(path, *best, floor, wish);
  return static_cast<size_t>(chosen - path.data());
}

}  // namespace ockham
