#include "ockham/train/path.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
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

/// The points with the mean of their scores and of those of the next larger and smaller point, as
/// far as these are near in size: of many points one has luck on validation.
std::vector<PathPoint> averaged_with_neighbours(std::span<const PathPoint> path) {
  constexpr double kNear = 1.5;  // times the size
  std::vector<size_t> by_size(path.size());
  std::iota(by_size.begin(), by_size.end(), size_t{0});
  std::ranges::stable_sort(by_size, {}, [&](size_t i) { return path[i].bytes; });
  std::vector<PathPoint> averaged(path.begin(), path.end());
  for (size_t k = 0; k < by_size.size(); ++k) {
    PathPoint& point = averaged[by_size[k]];
    double points = 1.0;
    const auto add = [&](size_t neighbour) {
      const PathPoint& other = path[by_size[neighbour]];
      const auto [low, high] = std::minmax(point.bytes, other.bytes);
      if (low == high || static_cast<double>(high) >= kNear * static_cast<double>(low)) return;
      point.accuracy += other.accuracy;
      point.macro_f1 += other.macro_f1;
      point.micro_f1 += other.micro_f1;
      point.nll += other.nll;
      points += 1.0;
    };
    if (k > 0) add(k - 1);
    if (k + 1 < by_size.size()) add(k + 1);
    point.accuracy /= points;
    point.macro_f1 /= points;
    point.micro_f1 /= points;
    point.nll /= points;
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

/// The smallest of the points whose scores are near the best one's and whose NLL is near the lowest
/// of them. Accuracy moves by whole texts, of which there may be few, the NLL with every
/// probability: on held-out parts of IMDb, SST-2 and MR what is chosen by both lies 0.06, 0.20 and
/// 0.05 points below the best that the mean of all paths has at any size; by accuracy alone 0.07,
/// 0.39 and 0.13, and no smaller on IMDb.
size_t smallest_of_the_best(std::span<const PathPoint> path, const PathMeasure& measure) {
  constexpr double kNats = 0.005, kOfNats = 0.01;
  const PathPoint& best = path[best_of(path, measure)];
  const double tolerated = tolerance(score(best, measure), measure);
  const double floor = score(best, measure) - tolerated;
  // Of few texts macro-F1 says nothing.
  const double f1_floor = validation_share(measure) >= 0.5 ? best.macro_f1 - 2.0 * tolerated : 0.0;
  std::vector<size_t> near;
  for (size_t i = 0; i < path.size(); ++i) {
    if (score(path[i], measure) >= floor && path[i].macro_f1 >= f1_floor) near.push_back(i);
  }
  if (!measure.by_kept) {
    const auto nll = [&](size_t i) { return path[i].nll; };
    const double lowest = nll(*std::ranges::min_element(near, {}, nll));
    const double limit = lowest + std::max(kNats, kOfNats * lowest);
    std::erase_if(near, [&](size_t i) { return nll(i) > limit; });
  }
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
  // Going on with a few texts of a new label, neighbours may have lost what one has kept.
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
