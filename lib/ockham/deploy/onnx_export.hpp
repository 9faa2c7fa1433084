#pragma once

#include <string>

#include "ockham/compress/folded_model.hpp"

namespace ockham {

/// A classifier for any runtime of ONNX.
struct OnnxModel {
  /// Opset 13. Inputs `ids` int64 [batch, length] and `lengths` int32 [batch], output
  /// `probabilities` float [batch, classes]; batch and length (1 at least) are free. A row's first
  /// `lengths` ids count, 0 at least; behind them stands any id.
  std::string model;
  /// A JSON object: classes, thresholds, and how a text becomes ids.
  std::string description;
  /// Of subwords: their model as SentencePiece opens it, which the description needs; or empty.
  std::string subwords;
};

/// The network as LSTM or GRU operators with the lengths of sequences, one for each direction and
/// layer; multipliers and pruned weights are folded. `version` is the program's.
///
/// Throws Error for a model without n-grams, or a layer without units: nothing is left to export.
OnnxModel export_onnx(const FoldedModel& model, const std::string& version);

}  // namespace ockham
