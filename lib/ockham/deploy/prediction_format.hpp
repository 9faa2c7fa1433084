#pragma once

#include <span>
#include <string>
#include <vector>

#include "ockham/deploy/engine.hpp"

namespace ockham {

enum class PredictionFormat {
  /// Label, tab, probability. Where a text may have several labels: those that reach their
  /// thresholds, the most probable first, with commas, and their probabilities likewise; - and -
  /// where none does.
  tsv,
  /// {"label":...,"probability":...,"probabilities":{class:probability,...}}; where a text may have
  /// several labels, {"labels":[...],"probabilities":{...}}.
  json_lines,
};

/// Turns probabilities into lines.
class PredictionFormatter {
 public:
  /// Keeps a view of the engine's thresholds.
  PredictionFormatter(const Engine& engine, PredictionFormat format);

  /// Appends the line of one text. probabilities [classes]
  void append(std::span<const float> probabilities, std::string& out) const;

 private:
  void append_one(std::span<const float> probabilities, std::string& out) const;
  void append_several(std::span<const float> probabilities, std::string& out) const;
  void append_all(std::span<const float> probabilities, std::string& out) const;

  bool json_;
  std::span<const float> thresholds_;
  std::vector<std::string> names_;  // quoted where the format wants it
};

}  // namespace ockham
