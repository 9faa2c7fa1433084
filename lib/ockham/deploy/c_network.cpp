#include "ockham/deploy/c_network.hpp"

#include <algorithm>
#include <vector>

#include "ockham/deploy/c_parts.hpp"
#include "ockham/deploy/c_text.hpp"
#include "ockham/tensor/half.hpp"

namespace ockham {
namespace {

/// Matrices one after the other, row by row.
class Weights {
 public:
  /// Where it begins.
  uint64_t add(const Matrix& m) {
    const size_t first = values_.size();
    values_.insert(values_.end(), m.values().begin(), m.values().end());
    return first;
  }

  bool are_halves() const {
    return std::ranges::all_of(
        values_, [](float value) { return half_to_float(float_to_half(value)) == value; });
  }

  std::string text() const {
    if (!are_halves()) {
      return c_array("ockham_weights", values_) + std::string(c_part("weight_float"));
    }
    std::vector<uint32_t> halves;
    for (const float value : values_) halves.push_back(float_to_half(value));
    return "/* As IEEE 754 halves. */\n" + c_array("uint16_t", "ockham_weights", halves) +
           std::string(c_part("weight_half"));
  }

 private:
  std::vector<float> values_;
};

size_t most_units(const FoldedModel& model) {
  size_t most = 1;
  for (const FoldedDirection& direction : model.layers[0].directions) {
    most = std::max(most, direction.hidden());
  }
  return most;
}

/// Numbers of the widest layer between summary and output.
size_t most_values(const FoldedModel& model) {
  size_t most = std::max({size_t{1}, model.summary(), model.output_bias.cols()});
  for (const FoldedDense& layer : model.dense_layers) most = std::max(most, layer.bias.cols());
  return most;
}

std::string_view constant_of(Pooling pooling) {
  switch (pooling) {
    case Pooling::max:
      return "OCKHAM_MAX";
    case Pooling::mean:
      return "OCKHAM_MEAN";
    case Pooling::last:
      break;
  }
  return "OCKHAM_LAST";
}

}  // namespace

std::string c_network(const FoldedModel& model) {
  Weights weights;
  std::vector<std::string> directions, layers, poolings;
  size_t feature = 0;
  for (const FoldedDirection& direction : model.layers[0].directions) {
    directions.push_back(c_braces({direction.hidden(), feature, weights.add(direction.weight_ih),
                                   weights.add(direction.weight_hh), weights.add(direction.bias),
                                   weights.add(direction.recurrent_bias)}));
    feature += direction.hidden() * model.poolings.size();
  }
  const auto add_layer = [&](const Matrix& weight, const Matrix& bias) {
    layers.push_back(
        c_braces({weight.rows(), weight.cols(), weights.add(weight), weights.add(bias)}));
  };
  for (const FoldedDense& layer : model.dense_layers) add_layer(layer.weight, layer.bias);
  add_layer(model.output_weight, model.output_bias);
  for (const Pooling pooling : model.poolings) poolings.emplace_back(constant_of(pooling));

  return "/* ---- The network "
         "--------------------------------------------------------------------------- */\n\n" +
         c_define("GATES", gates_of(model.cell)) + c_define("UNITS", most_units(model)) +
         c_define("POOLINGS", poolings.size()) + c_define("DIRECTIONS", directions.size()) +
         c_define("LAYERS", layers.size()) + c_define("VALUES", most_values(model)) +
         "enum { OCKHAM_MAX, OCKHAM_MEAN, OCKHAM_LAST };\n" +
         c_array("unsigned char", "ockham_poolings", poolings) + weights.text() + "\n" +
         std::string(c_part("network")) +
         c_array("ockham_direction", "ockham_directions", directions) +
         "/* Layers of plain units, the output layer last. */\n" +
         c_array("ockham_dense", "ockham_layers", layers);
}

size_t c_network_floats(const FoldedModel& model) {
  return (2 + 2 * gates_of(model.cell)) * most_units(model) + 2 * most_values(model);
}

}  // namespace ockham
