#include "ockham/train/temperature.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace ockham {
namespace {

/// Logarithms that are finite, of a probability in float and of what it leaves of 1, of which
/// floats close to 1 say no more than half their last place.
double log_of(double p) {
  constexpr double kLeast = 1e-37;
  return std::log(std::max(p, kLeast));
}
double log_of_rest(double p) {
  constexpr double kLeast = 3e-8;
  return std::log(std::max(1.0 - p, kLeast));
}

/// Calls visit(logits, right) for each choice that a text is: one among all classes, or between yes
/// and no for each of them. `right`: the place of what is true.
template <typename Visit>
void for_each_choice(const Matrix& probabilities, const LabelLists& labels, ClassRelation relation,
                     const Visit& visit) {
  std::vector<double> logits;
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::span<const float> p = probabilities.view().row_span(i);
    if (relation == ClassRelation::exclusive) {
      logits.clear();
      for (const float q : p) logits.push_back(log_of(q));
      visit(logits, labels[i].front());
      continue;
    }
    for (uint32_t c = 0; c < p.size(); ++c) {
      logits = {log_of_rest(p[c]), log_of(p[c])};
      visit(logits, std::ranges::binary_search(labels[i], c) ? 1u : 0u);
    }
  }
}

struct Slopes {
  double first = 0, second = 0;  // of the NLL, by the inverse temperature
};

/// d/db (log sum_j exp(b a_j) - b a_y) = E[a] - a_y, and again: Var[a].
void add_slopes(double b, std::span<const double> logits, size_t right, Slopes& slopes) {
  const double largest = std::ranges::max(logits);
  double sum = 0, mean = 0, square = 0;
  for (const double a : logits) {
    const double weight = std::exp(b * (a - largest));
    sum += weight;
    mean += weight * a;
    square += weight * a * a;
  }
  mean /= sum;
  slopes.first += mean - logits[right];
  slopes.second += square / sum - mean * mean;
}

}  // namespace

void apply_temperature(double temperature, ClassRelation relation, Matrix& probabilities) {
  if (temperature == 1.0) return;
  for (size_t i = 0; i < probabilities.rows(); ++i) {
    const std::span<float> row = probabilities.view().row_span(i);
    double sum = 0;
    for (float& p : row) {
      const double raised = std::exp(log_of(p) / temperature);
      const double other =
          relation == ClassRelation::independent ? std::exp(log_of_rest(p) / temperature) : 0.0;
      p = static_cast<float>(raised / (other > 0.0 ? raised + other : 1.0));
      sum += raised;
    }
    if (relation == ClassRelation::independent) continue;
    for (float& p : row) p = static_cast<float>(p / sum);
  }
}

double fit_temperature(const Matrix& probabilities, const LabelLists& labels,
                       ClassRelation relation) {
  constexpr double kLeast = 0.2, kMost = 5.0;  // of 1 / T
  constexpr int kSteps = 20;                   // Newton's, halved where they leave the interval
  if (labels.size() < kFewestForTemperature) return 1.0;
  double low = kLeast, high = kMost, b = 1.0;
  for (int step = 0; step < kSteps; ++step) {
    Slopes slopes;
    for_each_choice(probabilities, labels, relation,
                    [&](std::span<const double> logits, size_t right) {
                      add_slopes(b, logits, right, slopes);
                    });
    (slopes.first > 0 ? high : low) = b;
    double next = slopes.second > 0 ? b - slopes.first / slopes.second : (low + high) / 2;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (std::abs(next - b) < 1e-9) break;
    b = next;
  }
  return 1.0 / b;
}

}  // namespace ockham
