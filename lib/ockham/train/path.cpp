#include "ockham/train/path.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <utility>
#include <vector>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

double percent(double share) {
  return std::round(share * 10000.0) / 100.0;
}

double tolerance(double best, const PathMeasure& measure) {
  constexpr double kMostPoints = 0.005, kMostOfErrors = 0.1, kMostOfGain = 0.1;
  const double error = std::sqrt(best * (1.0 - best) / effective_texts(measure));
  const double gain = std::max(0.0, best - measure.guess);
  return std::min({error, kMostPoints, kMostOfErrors * (1.0 - best), kMostOfGain * gain});
}

/// The orders in which points are preferred.
struct Preference {
  const PathMeasure& measure;

  bool smaller(const PathPoint& a, const PathPoint& b) const {
    return a.bytes != b.bytes ? a.bytes < b.bytes : score(a, measure) > score(b, measure);
  }
  bool better(const PathPoint& a, const PathPoint& b) const {
    const double of_a = score(a, measure), of_b = score(b, measure);
    return of_a != of_b ? of_a > of_b : a.bytes < b.bytes;
  }
};

/// What a message calls a share of the criterion, e.g. "89.5%" or "a macro-f1 of 89.5%".
std::string share_text(double share, Criterion criterion) {
  std::ostringstream text;
  if (criterion != Criterion::accuracy) text << "a " << criterion_name(criterion) << " of ";
  text << percent(share) << "%";
  return text.str();
}

const char* measured_on(const PathMeasure& measure) {
  return measure.by_kept ? "in the mean of validation and what the old model knew"
                         : "on validation";
}

/// Names the best point and, where that one is too large, the best that fits.
[[noreturn]] void refuse_accuracy(std::span<const PathPoint> path, const PathPoint& best,
                                  double floor, const PathMeasure& measure, const PathWish& wish) {
  const Preference preference{measure};
  std::ostringstream fitting;
  if (wish.max_bytes && best.bytes > *wish.max_bytes) {
    const PathPoint* nearest = nullptr;
    for (const PathPoint& point : path) {
      if (point.bytes > *wish.max_bytes) continue;
      if (nearest == nullptr || preference.better(point, *nearest)) nearest = &point;
    }
    fitting << " and in " << *wish.max_bytes << " bytes " << percent(score(*nearest, measure))
            << "%";
  }
  fail("no model of the path reaches ", share_text(floor, measure.criterion), " ",
       measured_on(measure), wish.max_bytes ? " within the given size" : "", "; the best has ",
       percent(score(best, measure)), "% with ", best.bytes, " bytes", fitting.str());
}

/// The points with the mean of their scores and of those of their neighbours, which count two
/// thirds: of points of the same, the next larger and the next smaller size, as far as these are
/// near. Of many points one has luck on validation.
std::vector<PathPoint> averaged_with_neighbours(std::span<const PathPoint> path) {
  constexpr double kNear = 1.5;  // times the size
  constexpr double kOfNeighbour = 2.0 / 3.0;
  std::vector<PathPoint> averaged(path.begin(), path.end());
  for (size_t i = 0; i < path.size(); ++i) {
    PathPoint& mean = averaged[i];
    size_t smaller = 0, larger = SIZE_MAX;
    for (const PathPoint& other : path) {
      if (other.bytes < mean.bytes) smaller = std::max(smaller, other.bytes);
      if (other.bytes > mean.bytes) larger = std::min(larger, other.bytes);
    }
    double all = 1.0;
    for (size_t k = 0; k < path.size(); ++k) {
      const PathPoint& other = path[k];
      const auto [low, high] = std::minmax(mean.bytes, other.bytes);
      const bool near = static_cast<double>(high) < kNear * static_cast<double>(low);
      if (k == i || !near || other.bytes < smaller || other.bytes > larger) continue;
      mean.accuracy += kOfNeighbour * other.accuracy;
      mean.macro_f1 += kOfNeighbour * other.macro_f1;
      mean.micro_f1 += kOfNeighbour * other.micro_f1;
      mean.nll += kOfNeighbour * other.nll;
      all += kOfNeighbour;
    }
    mean.accuracy /= all;
    mean.macro_f1 /= all;
    mean.micro_f1 /= all;
    mean.nll /= all;
  }
  return averaged;
}

size_t best_of(std::span<const PathPoint> path, const PathMeasure& measure) {
  const Preference preference{measure};
  const auto better = [&](const PathPoint& a, const PathPoint& b) {
    return preference.better(a, b);
  };
  return static_cast<size_t>(std::ranges::min_element(path, better) - path.begin());
}

/// Removes the points whose NLL is not near the lowest of them, at least one of which stays.
void keep_low_nlls(std::span<const PathPoint> path, std::vector<size_t>& points) {
  constexpr double kNats = 0.005, kOfNats = 0.01;
  const auto nll = [&](size_t i) {
    return std::isnan(path[i].nll) ? std::numeric_limits<double>::infinity() : path[i].nll;
  };
  const double lowest = nll(*std::ranges::min_element(points, {}, nll));
  const double limit = lowest + std::max(kNats, kOfNats * lowest);
  std::erase_if(points, [&](size_t i) { return nll(i) > limit; });
}

/// The smallest of the points whose scores are near the best one's and whose NLL is near the lowest
/// of them. Accuracy moves by whole texts, of which there may be few, the NLL with every
/// probability. It is not weighed as macro-F1 is, and of the few texts of a new label it says
/// little.
size_t smallest_of_the_best(std::span<const PathPoint> path, const PathMeasure& measure) {
  const size_t best = best_of(path, measure);
  const double tolerated = tolerance(score(path[best], measure), measure);
  const double floor = score(path[best], measure) - tolerated;
  // Of few texts macro-F1 says nothing.
  const bool by_f1 = validation_share(measure) >= 0.5;
  const double f1_floor = by_f1 ? path[best].macro_f1 - 2.0 * tolerated : 0.0;
  std::vector<size_t> near{best};
  for (size_t i = 0; i < path.size(); ++i) {
    const bool reaches = score(path[i], measure) >= floor && path[i].macro_f1 >= f1_floor;
    if (i != best && reaches) near.push_back(i);
  }
  if (!measure.by_kept && measure.criterion != Criterion::macro_f1) keep_low_nlls(path, near);
  const Preference preference{measure};
  return *std::ranges::min_element(
      near, [&](size_t a, size_t b) { return preference.smaller(path[a], path[b]); });
}

size_t choose_by_wish(std::span<const PathPoint> path, const PathMeasure& measure,
                      const PathWish& wish) {
  const Preference preference{measure};
  const auto smaller = [&](const PathPoint& a, const PathPoint& b) {
    return preference.smaller(a, b);
  };
  const auto smallest = std::ranges::min_element(path, smaller);
  const size_t limit = wish.max_bytes.value_or(SIZE_MAX);
  if (smallest->bytes > limit) {
    fail("no model of the path fits in ", limit, " bytes; the smallest has ", smallest->bytes, " (",
         percent(score(*smallest, measure)), "% ", measured_on(measure), ")");
  }
  const bool only_size = !wish.min_accuracy;
  const double floor = wish.min_accuracy.value_or(0.0);
  const PathPoint* chosen = nullptr;
  for (const PathPoint& point : path) {
    if (point.bytes > limit || (!only_size && score(point, measure) < floor)) continue;
    if (chosen == nullptr ||
        (only_size ? preference.better(point, *chosen) : preference.smaller(point, *chosen))) {
      chosen = &point;
    }
  }
  if (chosen == nullptr) refuse_accuracy(path, path[best_of(path, measure)], floor, measure, wish);
  return static_cast<size_t>(chosen - path.data());
}

}  // namespace

double validation_share(const PathMeasure& measure) {
  constexpr double kEnough = 100.0;
  if (!measure.by_kept) return 1.0;
  const auto texts = static_cast<double>(measure.texts);
  return texts / (texts + std::max(texts, kEnough));
}

double effective_texts(const PathMeasure& measure) {
  const auto texts = static_cast<double>(measure.texts);
  if (!measure.by_kept) return texts;
  const double share = validation_share(measure), rest = 1.0 - share;
  return 1.0 / (share * share / texts + rest * rest / static_cast<double>(measure.made_up_texts));
}

bool beats_guessing(double score, const PathMeasure& measure) {
  const double guess = measure.guess;
  const double error = std::sqrt(guess * (1.0 - guess) / effective_texts(measure));
  return score - guess > 2.0 * error;
}

double score(const PathPoint& point, const PathMeasure& measure) {
  const double on_validation = score(point, measure.criterion);
  const double share = validation_share(measure);
  return share * on_validation + (1.0 - share) * point.kept.value_or(0.0);
}

size_t choose_point(std::span<const PathPoint> path, const PathMeasure& measure,
                    const PathWish& wish) {
  if (path.empty()) fail("the training left no model to choose from");
  if (wish.any()) return choose_by_wish(path, measure, wish);
  if (measure.by_kept) return smallest_of_the_best(path, measure);
  return smallest_of_the_best(averaged_with_neighbours(path), measure);
}

size_t nearest_point(std::span<const PathPoint> path, const PathMeasure& measure,
                     const PathWish& wish) {
  const auto bytes = [](const PathPoint& point) { return point.bytes; };
  const auto smallest = std::ranges::min_element(path, {}, bytes);
  if (wish.max_bytes && smallest->bytes > *wish.max_bytes) {
    return static_cast<size_t>(smallest - path.begin());
  }
  return choose_point(path, measure,
                      {.max_bytes = wish.max_bytes.value_or(SIZE_MAX), .min_accuracy = {}});
}

}  // namespace ockham
