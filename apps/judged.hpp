#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/data_options.hpp"
#include "ockham/tensor/matrix.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/text/label_lists.hpp"
#include "ockham/train/metrics.hpp"

namespace ockham {

/// How a model is asked.
struct JudgeOptions {
  size_t samples = 0;     ///< draws of the weights; 0: their means
  bool unpruned = false;  ///< what was pruned at its posterior, not at 0
};

/// What a model says of labelled texts.
struct Judged {
  std::vector<std::string> classes;
  std::vector<float> thresholds;  ///< empty: one label a text
  Dataset dataset;                ///< its labels are the model's classes
  LabelLists labels;
  Matrix probabilities;                      ///< [texts, classes]
  std::optional<MonteCarloSummary> samples;  ///< where there are draws
  double seconds = 0;                        ///< that the model took for the texts

  bool several_labels() const { return !thresholds.empty(); }
  /// The most probable class of a text.
  uint32_t given(size_t text) const;
  /// All that the model gives it, ascending: one, unless a text may have any number.
  std::vector<uint32_t> given_labels(size_t text) const;
  /// Whether all of them are right.
  bool is_right(size_t text) const { return std::ranges::equal(given_labels(text), labels[text]); }
};

/// Reads the data and asks the model. Throws Error.
Judged judge(const std::string& model, const std::string& data, DataOptions options,
             const JudgeOptions& how, ThreadPool& pool);

/// Texts of one label that were given another.
struct Confusion {
  uint32_t label = 0, given = 0;  ///< classes
  size_t count = 0;
  std::vector<size_t> texts;  ///< the surest of them, the surest first
};

/// The most frequent confusions, `most` of them at most, with as many texts each.
std::vector<Confusion> top_confusions(const Judged& judged, size_t most);

/// A line for each text, tabs between columns that the first line names: where the text stands, its
/// label, the model's, each class's probability and, of draws, the entropies in nats.
std::string predictions_table(const Judged& judged);

}  // namespace ockham
