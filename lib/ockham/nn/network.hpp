#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ockham/bayes/parameter.hpp"
#include "ockham/nn/cell.hpp"
#include "ockham/nn/loss.hpp"
#include "ockham/nn/pooling.hpp"

namespace ockham {

/// Which groups of weights have a multiplier of their own.
struct Groups {
  bool vocabulary = false;  ///< one per word
  bool inputs = false;      ///< one per embedding dimension
  bool units = false;       ///< one per hidden unit, of recurrent and dense layers
  bool gates = false;       ///< one per gate pre-activation

  friend bool operator==(const Groups&, const Groups&) = default;
};

/// The sizes of a network before anything is pruned.
struct NetworkShape {
  size_t words = 0;
  size_t embedding = 0;
  size_t hidden = 0;  ///< units a direction and layer
  bool bidirectional = true;
  std::vector<Pooling> poolings{Pooling::max, Pooling::mean};
  OutputKind output = OutputKind::softmax;
  size_t outputs = 0;
  Groups groups;
  Cell cell = Cell::lstm;
  size_t layers = 1;  ///< recurrent ones, each on top of the other
  GateFunction gate_function = GateFunction::sigmoid;
  std::vector<size_t> dense_layers = {};  ///< units of each, between pooling and output

  friend bool operator==(const NetworkShape&, const NetworkShape&) = default;
};

/// What a file may describe at most: more is damage, to be noticed before anything is allocated.
inline constexpr size_t kMostLayers = 64;
inline constexpr size_t kMostDenseLayers = 16;
/// Of the embedding, of a direction's or dense layer's units, and of outputs.
inline constexpr size_t kMostWidth = 65'535;
/// What a new network is made with at most, of its embedding and its units; going on from a model
/// adds to that.
inline constexpr size_t kMostNewWidth = 4'096;

/// One direction of a recurrent layer. Its gates g (cell.hpp) stand side by side: column
/// k * hidden + j is gate k of unit j.
struct RecurrentDirection {
  Parameter weight_ih;                       ///< W^x [inputs, g hidden]
  Parameter weight_hh;                       ///< W^h [hidden, g hidden]
  Parameter bias;                            ///< b [1, g hidden]
  std::optional<Parameter> recurrent_bias;   ///< GRU: b_hn [1, hidden], inside the reset product
  std::optional<Parameter> gate_multiplier;  ///< [1, g hidden]
  std::optional<Parameter> unit_multiplier;  ///< [1, hidden]

  size_t hidden() const { return weight_hh.rows(); }
};

/// A recurrent layer. The first one's inputs are the embedding's dimensions, those of the others
/// the outputs of the layer below: all units of its forward, then of its reverse direction.
struct RecurrentLayer {
  std::vector<RecurrentDirection> directions;  ///< forward, then reverse

  /// What the layer above reads: all directions' units.
  size_t outputs() const;
};

/// A dense layer between pooling and output: y = z max(0, x W + b).
struct DenseLayer {
  Parameter weight;                          ///< W [inputs, units]
  Parameter bias;                            ///< b [1, units]
  std::optional<Parameter> unit_multiplier;  ///< z [1, units]

  size_t units() const { return weight.cols(); }
};

/// Embedding -> (bi)directional recurrent layers -> pooling over time -> dense layers, if any ->
/// dense output. A network is its named parameters; network_pass.hpp computes with it.
struct Network {
  Parameter embedding;                        ///< E [words, embedding]
  std::optional<Parameter> word_multiplier;   ///< [words, 1]
  std::optional<Parameter> input_multiplier;  ///< [1, embedding]
  Cell cell = Cell::lstm;
  GateFunction gate_function = GateFunction::sigmoid;
  std::vector<RecurrentLayer> layers;  ///< from the embedding upwards
  std::vector<DenseLayer> dense_layers;
  Parameter output_weight;  ///< [summary or the last dense layer's units, outputs]
  Parameter output_bias;    ///< [1, outputs]
  std::vector<Pooling> poolings;
  OutputKind output = OutputKind::softmax;

  /// Width of the pooled vector: for each direction of the top layer, for each pooling, one number
  /// a unit.
  size_t summary() const;

  /// All directions of all layers: layer by layer upwards, in each forward, then reverse.
  std::vector<RecurrentDirection*> directions();
  std::vector<const RecurrentDirection*> directions() const;

  /// Calls visit(parameter) for all parameters that exist, in a fixed order.
  template <typename Visit>
  void for_each_parameter(const Visit& visit) {
    visit_all(*this, visit);
  }
  template <typename Visit>
  void for_each_parameter(const Visit& visit) const {
    visit_all(*this, visit);
  }

 private:
  template <typename Self, typename Visit>
  static void visit_all(Self& self, const Visit& visit) {
    const auto visit_optional = [&](auto& parameter) {
      if (parameter) visit(*parameter);
    };
    visit(self.embedding);
    visit_optional(self.word_multiplier);
    visit_optional(self.input_multiplier);
    for (auto& layer : self.layers) {
      for (auto& direction : layer.directions) {
        visit(direction.weight_ih);
        visit(direction.weight_hh);
        visit(direction.bias);
        visit_optional(direction.recurrent_bias);
        visit_optional(direction.gate_multiplier);
        visit_optional(direction.unit_multiplier);
      }
    }
    for (auto& layer : self.dense_layers) {
      visit(layer.weight);
      visit(layer.bias);
      visit_optional(layer.unit_multiplier);
    }
    visit(self.output_weight);
    visit(self.output_bias);
  }
};

/// A new network: all posteriors deterministic, multipliers 1, biases 0 but an LSTM's forget gates'
/// 1 (Jozefowicz et al. 2015), W^h orthogonal for each gate (Saxe et al. 2014), W^x and the output
/// Glorot uniform (Glorot & Bengio 2010), dense layers He uniform (He et al. 2015), embeddings
/// uniform in [-0.05, 0.05].
Network make_network(const NetworkShape& shape, uint64_t seed);

/// True for the parameters that stand for a group of weights.
bool is_multiplier(const Network& network, const Parameter& parameter);
/// True for biases: they have no posterior and no KL.
bool is_bias(const Network& network, const Parameter& parameter);

}  // namespace ockham
