#include "ockham/nn/network.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ockham/bayes/deterministic.hpp"
#include "ockham/tensor/kernels.hpp"
#include "ockham/tensor/noise.hpp"

namespace ockham {
namespace {

// The initial weights' place in the noise's counters, which no training step reaches.
constexpr uint32_t kInitialStep = std::numeric_limits<uint32_t>::max();
constexpr float kEmbeddingRange = 0.05f;

class Initializer {
 public:
  explicit Initializer(uint64_t seed) : noise_(seed, kInitialStep) {}

  Parameter constant(std::string path, size_t rows, size_t cols, float value) {
    Parameter parameter(std::move(path), next_id_++, rows, cols, posterior_, 0.0f);
    parameter.mean.fill(value);
    return parameter;
  }

  Parameter uniform(std::string path, size_t rows, size_t cols, float range) {
    Parameter parameter = constant(std::move(path), rows, cols, 0.0f);
    noise_.matrix(NoiseKind::uniform, parameter.id, parameter.row_ids, parameter.column_ids,
                  parameter.mean);
    for (float& w : parameter.mean.values()) w = range * (2.0f * w - 1.0f);
    return parameter;
  }

  Parameter glorot(std::string path, size_t rows, size_t cols, size_t fan_out) {
    const float range = std::sqrt(6.0f / static_cast<float>(rows + fan_out));
    return uniform(std::move(path), rows, cols, range);
  }

  /// For inputs of which the half is cut off at 0.
  Parameter he(std::string path, size_t rows, size_t cols) {
    const float range = std::sqrt(6.0f / static_cast<float>(std::max<size_t>(1, rows)));
    return uniform(std::move(path), rows, cols, range);
  }

  /// Every block of `rows` columns is an orthogonal matrix.
  Parameter orthogonal(std::string path, size_t rows, size_t cols) {
    Parameter parameter = constant(std::move(path), rows, cols, 0.0f);
    noise_.matrix(NoiseKind::normal, parameter.id, parameter.row_ids, parameter.column_ids,
                  parameter.mean);
    for (size_t first = 0; first < cols; first += rows) {
      orthonormalize_rows(parameter.mean.view().column_range(first, rows));
    }
    return parameter;
  }

 private:
  /// Gram and Schmidt.
  static void orthonormalize_rows(MatrixView m) {
    for (size_t r = 0; r < m.rows; ++r) {
      for (size_t before = 0; before < r; ++before) {
        add_scaled(-dot(m.row_span(before), m.row_span(r)), m.row_span(before), m.row_span(r));
      }
      scale(static_cast<float>(1.0 / std::sqrt(sum_of_squares(m.row_span(r)))), m.row_span(r));
    }
  }

  PhiloxNoise noise_;
  uint32_t next_id_ = 1;
  std::shared_ptr<const Posterior> posterior_ = std::make_shared<Deterministic>();
};

RecurrentDirection make_direction(Initializer& make, const std::string& path, size_t inputs,
                                  const NetworkShape& shape) {
  const size_t h = shape.hidden, columns = gates_of(shape.cell) * h;
  RecurrentDirection direction;
  direction.weight_ih = make.glorot(path + "/weight_ih", inputs, columns, h);
  direction.weight_hh = make.orthogonal(path + "/weight_hh", h, columns);
  direction.bias = make.constant(path + "/bias", 1, columns, 0.0f);
  if (shape.cell == Cell::lstm) {
    for (size_t j = 0; j < h; ++j) direction.bias.mean(0, h + j) = 1.0f;  // forget gates
  } else {
    direction.recurrent_bias = make.constant(path + "/recurrent_bias", 1, h, 0.0f);
  }
  if (shape.groups.gates) {
    direction.gate_multiplier = make.constant(path + "/gate_multiplier", 1, columns, 1.0f);
  }
  if (shape.groups.units) {
    direction.unit_multiplier = make.constant(path + "/unit_multiplier", 1, h, 1.0f);
  }
  return direction;
}

}  // namespace

size_t RecurrentLayer::outputs() const {
  size_t width = 0;
  for (const RecurrentDirection& direction : directions) width += direction.hidden();
  return width;
}

size_t Network::summary() const {
  return layers.empty() ? 0 : layers.back().outputs() * poolings.size();
}

std::vector<RecurrentDirection*> Network::directions() {
  std::vector<RecurrentDirection*> all;
  for (RecurrentLayer& layer : layers) {
    for (RecurrentDirection& direction : layer.directions) all.push_back(&direction);
  }
  return all;
}

std::vector<const RecurrentDirection*> Network::directions() const {
  std::vector<const RecurrentDirection*> all;
  for (const RecurrentLayer& layer : layers) {
    for (const RecurrentDirection& direction : layer.directions) all.push_back(&direction);
  }
  return all;
}

Network make_network(const NetworkShape& shape, uint64_t seed) {
  Initializer make(seed);
  Network network;
  network.cell = shape.cell;
  network.gate_function = shape.gate_function;
  network.poolings = shape.poolings;
  network.output = shape.output;
  network.embedding =
      make.uniform("embedding/weight", shape.words, shape.embedding, kEmbeddingRange);
  if (shape.groups.vocabulary) {
    network.word_multiplier = make.constant("embedding/word_multiplier", shape.words, 1, 1.0f);
  }
  const auto layer_path = [&](size_t l) {
    return "encoder/" + std::string(cell_name(shape.cell)) + "_" + std::to_string(l);
  };
  if (shape.groups.inputs) {
    network.input_multiplier =
        make.constant(layer_path(0) + "/input_multiplier", 1, shape.embedding, 1.0f);
  }
  size_t inputs = shape.embedding;
  for (size_t l = 0; l < shape.layers; ++l) {
    RecurrentLayer layer;
    layer.directions.push_back(make_direction(make, layer_path(l) + "/forward", inputs, shape));
    if (shape.bidirectional) {
      layer.directions.push_back(make_direction(make, layer_path(l) + "/reverse", inputs, shape));
    }
    inputs = layer.outputs();
    network.layers.push_back(std::move(layer));
  }
  inputs = network.summary();
  for (size_t l = 0; l < shape.dense_layers.size(); ++l) {
    const std::string path = "dense_" + std::to_string(l);
    const size_t units = shape.dense_layers[l];
    DenseLayer& layer = network.dense_layers.emplace_back();
    layer.weight = make.he(path + "/weight", inputs, units);
    layer.bias = make.constant(path + "/bias", 1, units, 0.0f);
    if (shape.groups.units) {
      layer.unit_multiplier = make.constant(path + "/unit_multiplier", 1, units, 1.0f);
    }
    inputs = units;
  }
  network.output_weight = make.glorot("output/weight", inputs, shape.outputs, shape.outputs);
  network.output_bias = make.constant("output/bias", 1, shape.outputs, 0.0f);
  return network;
}

bool is_multiplier(const Network& network, const Parameter& parameter) {
  const auto is = [&](const std::optional<Parameter>& p) { return p && &*p == &parameter; };
  if (is(network.word_multiplier) || is(network.input_multiplier)) return true;
  for (const RecurrentDirection* direction : network.directions()) {
    if (is(direction->gate_multiplier) || is(direction->unit_multiplier)) return true;
  }
  for (const DenseLayer& layer : network.dense_layers) {
    if (is(layer.unit_multiplier)) return true;
  }
  return false;
}

bool is_bias(const Network& network, const Parameter& parameter) {
  if (&parameter == &network.output_bias) return true;
  for (const RecurrentDirection* direction : network.directions()) {
    if (&parameter == &direction->bias) return true;
    if (direction->recurrent_bias && &parameter == &*direction->recurrent_bias) return true;
  }
  for (const DenseLayer& layer : network.dense_layers) {
    if (&parameter == &layer.bias) return true;
  }
  return false;
}

}  // namespace ockham
