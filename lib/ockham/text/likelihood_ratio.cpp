#include "ockham/text/likelihood_ratio.hpp"

#include <algorithm>
#include <array>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <numeric>

namespace ockham {

double likelihood_ratio(std::span<const uint32_t> classes, std::span<const uint32_t> texts,
                        std::span<const uint64_t> class_texts) {
  const auto total =
      static_cast<double>(std::accumulate(class_texts.begin(), class_texts.end(), uint64_t{0}));
  const auto present =
      static_cast<double>(std::accumulate(texts.begin(), texts.end(), uint64_t{0}));
  const double absent = total - present;
  const auto term = [&](double cell, double row, double column) {
    return cell > 0 ? cell * std::log(cell * total / (row * column)) : 0.0;
  };
  double ratio = 0;
  double listed = 0;
  for (size_t k = 0; k < classes.size(); ++k) {
    const auto column = static_cast<double>(class_texts[classes[k]]);
    const auto cell = static_cast<double>(texts[k]);
    ratio += term(cell, present, column) + term(column - cell, absent, column);
    listed += column;
  }
  // In a class that is not listed all texts lack the n-gram: n_y ln(n / n_absent) each.
  if (total > listed) ratio += (total - listed) * std::log(total / absent);
  return ratio;
}

double class_likelihood_ratio(std::span<const uint32_t> classes, std::span<const uint32_t> texts,
                              std::span<const uint64_t> class_texts, uint64_t present,
                              uint64_t total) {
  constexpr std::array<uint32_t, 2> kOneAndRest{0, 1};
  double largest = 0;
  for (size_t k = 0; k < classes.size(); ++k) {
    const uint64_t column = class_texts[classes[k]];
    const std::array<uint32_t, 2> with{texts[k], static_cast<uint32_t>(present) - texts[k]};
    const std::array<uint64_t, 2> columns{column, total - column};
    largest = std::max(largest, likelihood_ratio(kOneAndRest, with, columns));
  }
  return largest;
}

double class_screen_threshold(double nats, size_t classes, bool several_labels) {
  const double by_chance = boost::math::gamma_q(0.5, nats);
  if (by_chance == 0.0) return several_labels ? nats : std::numeric_limits<double>::infinity();
  if (classes <= 2 && !several_labels) return std::numeric_limits<double>::infinity();
  return boost::math::gamma_q_inv(0.5, by_chance / static_cast<double>(classes));
}

double screen_threshold(double nats, size_t classes) {
  const double by_chance = boost::math::gamma_q(0.5, nats);
  if (classes <= 2 || by_chance == 0.0) return nats;
  return boost::math::gamma_q_inv(0.5 * static_cast<double>(classes - 1), by_chance);
}

}  // namespace ockham
