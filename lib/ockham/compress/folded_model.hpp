#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ockham/model/classifier.hpp"
#include "ockham/nn/loss.hpp"
#include "ockham/nn/pooling.hpp"
#include "ockham/tensor/matrix.hpp"
#include "ockham/text/tokenizer.hpp"
#include "ockham/text/vocabulary.hpp"

namespace ockham {

/// One direction of a folded recurrent layer. Its gates g (nn/cell.hpp) stand side by side: column
/// k * hidden + j is gate k of unit j.
struct FoldedDirection {
  Matrix weight_ih;       ///< [inputs, g hidden]
  Matrix weight_hh;       ///< [hidden, g hidden]
  Matrix bias;            ///< [1, g hidden]
  Matrix recurrent_bias;  ///< GRU: b_hn [1, hidden], empty otherwise

  size_t hidden() const { return weight_hh.rows(); }
  friend bool operator==(const FoldedDirection&, const FoldedDirection&) = default;
};

/// A folded recurrent layer; what its inputs are, RecurrentLayer says.
struct FoldedLayer {
  std::vector<FoldedDirection> directions;  ///< forward, then reverse

  /// What the layer above reads: all directions' units.
  size_t outputs() const;
  friend bool operator==(const FoldedLayer&, const FoldedLayer&) = default;
};

/// A folded dense layer, max(0, x W + b); its multiplier went to its readers.
struct FoldedDense {
  Matrix weight;  ///< [inputs, units]
  Matrix bias;    ///< [1, units]

  friend bool operator==(const FoldedDense&, const FoldedDense&) = default;
};

/// The dense model that a model came from: what compression is measured against. Zeros: unknown.
struct DenseOrigin {
  size_t weights = 0;        ///< of all its matrices, without biases
  size_t bytes = 0;          ///< as fp32, with its n-grams
  size_t paper_weights = 0;  ///< kept by the papers' count (Classifier::paper_weights)

  friend bool operator==(const DenseOrigin&, const DenseOrigin&) = default;
};

/// A classifier as it is deployed: plain numbers, no posteriors and no multipliers. What the
/// deployable file stores and the engine runs.
struct FoldedModel {
  std::vector<std::string> classes;  ///< in the order of the probabilities
  OutputKind output = OutputKind::softmax;
  bool several_labels = false;    ///< a text may have any number of labels; sigmoid only
  std::vector<float> thresholds;  ///< [classes] probability from which a label is given; or empty
  double temperature = 1.0;       ///< logits are divided by it; fold() has it in the output layer
  size_t max_tokens = 0;          ///< texts are cut after so many n-grams; 0: never
  std::shared_ptr<const Tokenizer> tokenizer;
  Vocabulary vocabulary;  ///< row w of the embedding belongs to n-gram w
  std::vector<Pooling> poolings;
  Matrix embedding;  ///< E [n-grams, embedding]
  Cell cell = Cell::lstm;
  GateFunction gate_function = GateFunction::sigmoid;
  std::vector<FoldedLayer> layers;  ///< from the embedding upwards
  /// Between pooling and output. The first one (the output layer, if there is none) reads the
  /// summary: for each direction of the top layer, for each pooling, one number a unit.
  std::vector<FoldedDense> dense_layers;
  Matrix output_weight;  ///< [inputs, outputs]
  Matrix output_bias;    ///< [1, outputs]
  DenseOrigin dense;

  size_t summary() const;
  /// Columns of the output layer: one a class, or one that tells two classes apart.
  size_t outputs() const;
};

/// Weights may be as large as this, so that no product or sum of them overflows.
constexpr float kLargestWeight = 1e9f;
constexpr size_t kMostTokens = UINT32_MAX;  ///< of FoldedModel::max_tokens

/// Multiplies a classifier's multipliers into its weights; what is pruned is 0. The folded model
/// has the probabilities of the classifier's expectation.
FoldedModel fold(const Classifier& classifier);

/// Throws Error unless the parts fit together and all numbers are usable: at least two classes,
/// shapes as documented, weights within kLargestWeight, a temperature in [1e-3, 1e3], max_tokens
/// within kMostTokens.
void check_folded(const FoldedModel& model);

}  // namespace ockham
