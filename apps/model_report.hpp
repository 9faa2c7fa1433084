#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "apps/data_options.hpp"
#include "ockham/compress/figures.hpp"
#include "ockham/compress/hashing.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/deploy/polarity.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {

/// All that `ockham report` says of a trained folder or a deployable file.
struct ModelReport {
  FoldedModel model;  ///< as the file has it, of a folder too
  CompressionFigures figures;
  CompactSummary file;
  std::optional<PathSummary> path;  ///< of a training's folder
  std::vector<NgramPolarity> polarities;
  std::optional<HashFit> hits;  ///< of hashed n-grams, in texts
};

/// Throws Error that names the path.
ModelReport make_model_report(const std::string& path);

/// Counts the false hits of hashed n-grams in these texts. Throws Error for a model with words.
void count_false_hits(const std::string& texts, const DataOptions& options, ModelReport& report);

/// How likely an n-gram is taken for a kept one.
double false_hit_chance(const HashedVocabulary& hashed);

/// a / b, b at least 1: how many times smaller.
double ratio(size_t a, size_t b);

/// One JSON object, with every kept n-gram and its polarity.
std::string model_report_json(const ModelReport& report);

/// The same for people, on stdout, in 80 columns.
void print_model_report(const ModelReport& report);

}  // namespace ockham
