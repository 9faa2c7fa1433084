#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ockham {

inline constexpr size_t kCalibrationBins = 15;
/// Of bins (lo, hi] of equal width the one that a probability is in.
size_t calibration_bin(double probability);

/// One text: how sure its prediction was, and whether it was right, 1 or 0.
struct ScoredPrediction {
  double confidence = 0;
  double correct = 0;
};

/// Texts whose confidences stand side by side, of a reliability diagram.
struct ReliabilityBin {
  size_t count = 0;
  double confidence = 0;  ///< mean
  double accuracy = 0;
};

/// What predictions' confidence is worth: whether it is the accuracy, and whether sorting by it
/// puts the wrong ones last. Nothing depends on the order in which texts come: those of equal
/// confidence count with their common accuracy.
class ConfidenceCurve {
 public:
  /// Any numbers that are higher for surer predictions; calibration wants probabilities. Throws
  /// Error without any text, and for a confidence that is no number.
  explicit ConfidenceCurve(std::vector<ScoredPrediction> outcomes);

  /// Expected calibration error (Naeini et al. 2015): sum over bins n_bin / n |accuracy -
  /// confidence|, over kCalibrationBins bins (lo, hi] of equal width.
  double calibration_error() const;
  /// The same over bins with the same number of texts (+-1), as reliability() has them.
  double calibration_error_equal_mass() const;
  /// Bins of the same number of texts (+-1), the surest first; fewer where there are fewer texts.
  std::vector<ReliabilityBin> reliability() const;

  /// Area under the risk-coverage curve (Geifman & El-Yaniv 2017): the error rate of the k surest
  /// texts, mean over k = 1 .. n.
  double aurc() const;
  /// Of the surest texts, ceil(coverage n) of them. coverage in (0, 1].
  double accuracy_at(double coverage) const;

 private:
  std::vector<ScoredPrediction> outcomes_;  // the surest first
};

}  // namespace ockham
