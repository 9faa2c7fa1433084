#include "ockham/train/confidence.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

/// sum over bins of n_bin / n |accuracy - confidence|; bin_of maps a text's rank to its bin.
template <typename BinOf>
double calibration_error_over(std::span<const ScoredPrediction> outcomes, const BinOf& bin_of) {
  std::vector<double> excess(kCalibrationBins);  // n_bin (confidence - accuracy)
  for (size_t rank = 0; rank < outcomes.size(); ++rank) {
    excess[bin_of(rank)] += outcomes[rank].confidence - outcomes[rank].correct;
  }
  double sum = 0;
  for (const double e : excess) sum += std::abs(e);
  return sum / static_cast<double>(outcomes.size());
}

}  // namespace

size_t calibration_bin(double probability) {
  const double bin = std::ceil(probability * kCalibrationBins) - 1;
  return static_cast<size_t>(std::clamp(bin, 0.0, kCalibrationBins - 1.0));
}

ConfidenceCurve::ConfidenceCurve(std::vector<ScoredPrediction> outcomes)
    : outcomes_(std::move(outcomes)) {
  if (outcomes_.empty()) fail("there are no texts to evaluate on");
  if (std::ranges::any_of(outcomes_,
                          [](const ScoredPrediction& o) { return std::isnan(o.confidence); })) {
    fail("a confidence is no number");
  }
  std::ranges::sort(outcomes_, std::ranges::greater{}, &ScoredPrediction::confidence);
  for (auto first = outcomes_.begin(); first != outcomes_.end();) {
    const auto last = std::find_if(first, outcomes_.end(), [&](const ScoredPrediction& o) {
      return o.confidence != first->confidence;
    });
    const double correct = std::accumulate(
        first, last, 0.0, [](double sum, const ScoredPrediction& o) { return sum + o.correct; });
    const double mean = correct / static_cast<double>(last - first);
    for (; first != last; ++first) first->correct = mean;
  }
}

double ConfidenceCurve::calibration_error() const {
  return calibration_error_over(
      outcomes_, [&](size_t rank) { return calibration_bin(outcomes_[rank].confidence); });
}

double ConfidenceCurve::calibration_error_equal_mass() const {
  return calibration_error_over(
      outcomes_, [&](size_t rank) { return rank * kCalibrationBins / outcomes_.size(); });
}

std::vector<ReliabilityBin> ConfidenceCurve::reliability() const {
  std::vector<ReliabilityBin> bins(kCalibrationBins);
  for (size_t rank = 0; rank < outcomes_.size(); ++rank) {
    ReliabilityBin& bin = bins[rank * kCalibrationBins / outcomes_.size()];
    ++bin.count;
    bin.confidence += outcomes_[rank].confidence;
    bin.accuracy += outcomes_[rank].correct;
  }
  std::erase_if(bins, [](const ReliabilityBin& bin) { return bin.count == 0; });
  for (ReliabilityBin& bin : bins) {
    bin.confidence /= static_cast<double>(bin.count);
    bin.accuracy /= static_cast<double>(bin.count);
  }
  return bins;
}

double ConfidenceCurve::aurc() const {
  double errors = 0, sum = 0;
  for (size_t rank = 0; rank < outcomes_.size(); ++rank) {
    errors += 1 - outcomes_[rank].correct;
    sum += errors / static_cast<double>(rank + 1);
  }
  return sum / static_cast<double>(outcomes_.size());
}

double ConfidenceCurve::accuracy_at(double coverage) const {
  const double wanted = std::ceil(coverage * static_cast<double>(outcomes_.size()) - 1e-9);
  const size_t count = std::clamp<size_t>(static_cast<size_t>(wanted), 1, outcomes_.size());
  const double right =
      std::accumulate(outcomes_.begin(), outcomes_.begin() + static_cast<ptrdiff_t>(count), 0.0,
                      [](double sum, const ScoredPrediction& o) { return sum + o.correct; });
  return right / static_cast<double>(count);
}

}  // namespace ockham
