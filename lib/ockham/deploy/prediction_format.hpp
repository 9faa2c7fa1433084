#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
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

/// How an answer looks.
struct PredictionStyle {
  PredictionFormat format = PredictionFormat::tsv;
  /// > 0: so many labels, the most probable first, whatever their thresholds: in TSV as label, tab,
  /// probability, one behind the other; in JSON they alone are in "probabilities".
  size_t top = 0;
  /// Where the most probable label has a smaller probability, the label is - (null in JSON) beside
  /// it. Not for models of several labels a text, whose labels have thresholds.
  double abstain_below = 0.0;
  bool copy_text = false;  ///< in a last column, in which a line end is a space; "text" in JSON
};

/// Turns probabilities into lines.
class PredictionFormatter {
 public:
  /// Keeps a view of the engine's thresholds. Throws Error for a style that the model cannot have.
  PredictionFormatter(const Engine& engine, const PredictionStyle& style);

  /// Appends the line of one text, which is valid UTF-8. `others`: members of a JSON object, with
  /// commas between them, that go before the answer; TSV leaves them out. probabilities [classes]
  void append(std::span<const float> probabilities, std::string_view text, std::string_view others,
              std::string& out) const;

  bool takes_others() const { return json_; }
  /// The JSON members that are this formatter's to write.
  std::vector<std::string> own_members() const;

 private:
  void append_columns(std::span<const float> probabilities, std::span<const size_t> labels,
                      std::string& out) const;
  void append_members(std::span<const float> probabilities, std::span<const size_t> labels,
                      std::string& out) const;
  void append_lists(std::span<const float> probabilities, std::span<const size_t> labels,
                    std::string& out) const;
  bool abstains(float p) const { return p < static_cast<float>(style_.abstain_below); }
  void labels_to_show(std::span<const float> probabilities, std::vector<size_t>& labels) const;

  PredictionStyle style_;
  bool json_;
  std::span<const float> thresholds_;
  std::vector<std::string> names_;  // quoted where the format wants it
};

}  // namespace ockham
