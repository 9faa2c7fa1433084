#include "ockham/deploy/c_network.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "ockham/deploy/c_parts.hpp"
#include "ockham/deploy/c_text.hpp"
#include "ockham/tensor/half.hpp"

namespace ockham {
namespace {

/// Matrices one after the other, row by row.
class Weights {
 public:
  explicit Weights(WeightFormat format) : format_(format_of_the_rest(format)) {}

  /// What stands for the matrix in the program.
  std::string add(const Matrix& m) {
    const std::string first = std::to_string(values_.size());
    if (!is_whole(format_)) {
      values_.insert(values_.end(), m.values().begin(), m.values().end());
      return first;
    }
    const std::vector<float> scales = column_scales(format_, Scales::matrix, m);
    const float scale = scales.empty() ? 1.0f : scales[0];
    for (const float value : m.values()) values_.push_back(value / scale);
    return "{" + first + ", " + c_float(scale) + "}";
  }

  std::string text() const {
    if (is_whole(format_)) {
      std::vector<std::string> wholes;
      for (const float value : values_) wholes.push_back(std::to_string(std::lround(value)));
      return c_array("signed char", "ockham_weights", wholes) + std::string(c_part("weight_whole"));
    }
    if (!are_halves()) {
      return c_array("ockham_weights", values_) + std::string(c_part("weight_float"));
    }
    std::vector<uint32_t> halves;
    for (const float value : values_) halves.push_back(float_to_half(value));
    return "/* As IEEE 754 halves. */\n" + c_array("uint16_t", "ockham_weights", halves) +
           std::string(c_part("weight_half"));
  }

 private:
  bool are_halves() const {
    return std::ranges::all_of(
        values_, [](float value) { return half_to_float(float_to_half(value)) == value; });
  }

  WeightFormat format_;
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

std::string c_network(const FoldedModel& model, WeightFormat format) {
  Weights weights(format);
  std::vector<std::string> directions, layers, poolings;
  size_t feature = 0;
  for (const FoldedDirection& direction : model.layers[0].directions) {
    const std::string input = weights.add(direction.weight_ih);
    const std::string recurrent = weights.add(direction.weight_hh);
    const std::string bias = weights.add(direction.bias);
    const std::string recurrent_bias = weights.add(direction.recurrent_bias);
    directions.push_back(
        c_braces(std::vector{std::to_string(direction.hidden()), std::to_string(feature), input,
                             recurrent, bias, recurrent_bias}));
    feature += direction.hidden() * model.poolings.size();
  }
  const auto add_layer = [&](const Matrix& weight, const Matrix& bias) {
    const std::string first = weights.add(weight);
    layers.push_back(c_braces(std::vector{
        std::to_string(weight.rows()), std::to_string(weight.cols()), first, weights.add(bias)}));
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
