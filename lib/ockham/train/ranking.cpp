#include "ockham/train/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/indices.hpp"

namespace ockham {

Ranking rank(std::span<const float> scores, std::span<const uint8_t> is_of_class) {
  for (const float score : scores) {
    if (std::isnan(score)) fail("a score is no number");
  }
  std::vector<uint32_t> order = counting(scores.size());
  std::ranges::sort(order, std::ranges::greater{}, [&](uint32_t i) { return scores[i]; });
  const auto positives = static_cast<double>(
      std::ranges::count_if(is_of_class, [](uint8_t positive) { return positive != 0; }));
  const double negatives = static_cast<double>(scores.size()) - positives;
  double hits = 0, taken = 0, area = 0, precision = 0;
  for (size_t first = 0; first < order.size();) {  // equal scores together
    size_t last = first;
    double of_class = 0;
    for (; last < order.size() && scores[order[last]] == scores[order[first]]; ++last) {
      of_class += is_of_class[order[last]] != 0;
    }
    const double others = static_cast<double>(last - first) - of_class;
    area += others * (hits + of_class / 2);
    hits += of_class;
    taken += of_class + others;
    precision += of_class * hits / taken;
    first = last;
  }
  Ranking ranking;
  if (positives > 0 && negatives > 0) ranking.roc_auc = area / (positives * negatives);
  if (positives > 0) ranking.average_precision = precision / positives;
  return ranking;
}

std::vector<Ranking> rank_classes(ConstMatrixView probabilities, const LabelLists& labels) {
  std::vector<Ranking> rankings;
  std::vector<float> scores(probabilities.rows);
  std::vector<uint8_t> is_of_class(probabilities.rows);
  for (uint32_t c = 0; c < probabilities.cols; ++c) {
    for (size_t i = 0; i < probabilities.rows; ++i) {
      scores[i] = probabilities(i, c);
      is_of_class[i] = std::ranges::find(labels[i], c) != labels[i].end();
    }
    rankings.push_back(rank(scores, is_of_class));
  }
  return rankings;
}

Ranking mean_ranking(std::span<const Ranking> classes) {
  const auto mean = [&](std::optional<double> Ranking::*figure) -> std::optional<double> {
    double sum = 0, count = 0;
    for (const Ranking& ranking : classes) {
      sum += (ranking.*figure).value_or(0.0);
      count += (ranking.*figure).has_value();
    }
    if (count == 0) return std::nullopt;
    return sum / count;
  };
  return {mean(&Ranking::roc_auc), mean(&Ranking::average_precision)};
}

double mcnemar_p(size_t only_first_right, size_t only_second_right) {
  const auto n = static_cast<double>(only_first_right + only_second_right);
  const size_t fewer = std::min(only_first_right, only_second_right);
  if (n == 0) return 1.0;
  // 2 P(X <= fewer) of a binomial X with n draws of 1/2, in logarithms: n may be large.
  double sum = 0;
  for (size_t k = 0; k <= fewer; ++k) {
    const auto x = static_cast<double>(k);
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(x + 1) - std::lgamma(n - x + 1) -
                    n * std::log(2.0));
  }
  return std::min(1.0, 2.0 * sum);
}

}  // namespace ockham
