#include "ockham/compress/folded_model.hpp"

#include <cmath>
#include <optional>

#include "ockham/compress/figures.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// A multiplier's values, 1 where there is none.
std::vector<float> multipliers(const std::optional<Parameter>& parameter, size_t groups) {
  if (!parameter) return std::vector<float>(groups, 1.0f);
  const Matrix z = parameter->expectation();
  return {z.values().begin(), z.values().end()};
}

void scale_rows(Matrix& m, std::span<const float> factors) {
  for (size_t r = 0; r < m.rows(); ++r) scale(factors[r], m.view().row_span(r));
}

void scale_columns(Matrix& m, std::span<const float> factors) {
  for (size_t r = 0; r < m.rows(); ++r) multiply(factors, m.view().row_span(r));
}

/// The factors |z_h| that a direction's readers take over. Where z_h is negative, the candidate
/// gate is negated instead, which turns an LSTM's c and h into -c and -h, a GRU's n and h into -n
/// and -h: a maximum over time does not commute with a negative factor.
std::vector<float> take_signs(std::span<const float> z_units, Cell cell,
                              FoldedDirection& direction) {
  std::vector<float> magnitudes;
  for (size_t j = 0; j < z_units.size(); ++j) {
    magnitudes.push_back(std::abs(z_units[j]));
    if (z_units[j] >= 0.0f) continue;
    const size_t column = candidate_gate(cell) * z_units.size() + j;
    for (Matrix* m : {&direction.weight_ih, &direction.weight_hh, &direction.bias}) {
      for (size_t r = 0; r < m->rows(); ++r) (*m)(r, column) = -(*m)(r, column);
    }
    if (cell == Cell::gru) direction.recurrent_bias(0, j) = -direction.recurrent_bias(0, j);
  }
  return magnitudes;
}

/// A direction with its multipliers folded into it, but |z_h|, which goes to its readers.
FoldedDirection fold_direction(const RecurrentDirection& from, Cell cell,
                               std::span<const float> z_inputs, std::vector<float>& z_outputs) {
  FoldedDirection to{from.weight_ih.expectation(), from.weight_hh.expectation(),
                     from.bias.expectation(),
                     from.recurrent_bias ? from.recurrent_bias->expectation() : Matrix()};
  scale_rows(to.weight_ih, z_inputs);
  const std::vector<float> z_gates = multipliers(from.gate_multiplier, to.bias.cols());
  scale_columns(to.weight_ih, z_gates);
  scale_columns(to.weight_hh, z_gates);
  if (cell == Cell::gru) {  // b_hn stands inside z_n
    multiply(std::span(z_gates).subspan(candidate_gate(cell) * from.hidden(), from.hidden()),
             to.recurrent_bias.values());
  }
  const std::vector<float> z_units =
      take_signs(multipliers(from.unit_multiplier, from.hidden()), cell, to);
  scale_rows(to.weight_hh, z_units);
  z_outputs.insert(z_outputs.end(), z_units.begin(), z_units.end());
  return to;
}

void check_matrix(const Matrix& m, size_t rows, size_t cols, const char* what) {
  if (m.rows() != rows || m.cols() != cols) {
    fail("a model's ", what, " has ", m.rows(), " x ", m.cols(), " weights, expected ", rows, " x ",
         cols);
  }
  for (const float w : m.values()) {
    if (!(std::abs(w) <= kLargestWeight)) {
      fail("a model's ", what, " holds the weight ", w, "; expected at most ", kLargestWeight);
    }
  }
}

void check_outputs(const FoldedModel& model) {
  const size_t classes = model.classes.size();
  if (classes < 2) fail("a model needs at least 2 classes, this one has ", classes);
  if (model.output_bias.cols() != model.outputs()) {
    fail("a model of ", classes, " classes has ", model.output_bias.cols(), " outputs, expected ",
         model.outputs());
  }
  if (model.several_labels && model.output != OutputKind::sigmoid) {
    fail("a model that gives several labels needs sigmoid outputs");
  }
  if (!model.thresholds.empty() && model.thresholds.size() != classes) {
    fail("a model of ", classes, " classes has ", model.thresholds.size(), " thresholds");
  }
  for (const float t : model.thresholds) {
    if (!(t >= 0.0f && t <= 1.0f)) fail("a model's threshold is ", t, "; expected 0 to 1");
  }
  if (!(model.temperature >= 1e-3 && model.temperature <= 1e3)) {
    fail("a model's temperature is ", model.temperature, "; expected 0.001 to 1000");
  }
}

void check_directions(const FoldedModel& model) {
  if (model.layers.empty()) fail("a model has no recurrent layer");
  const size_t directions = model.layers[0].directions.size();
  for (const FoldedLayer& layer : model.layers) {
    const size_t count = layer.directions.size();
    if (count == 0 || count > 2) fail("a model has ", count, " directions, expected 1 or 2");
    if (count != directions)
      fail("a model's layers have ", directions, " and ", count, " directions");
  }
}

void check_direction(const FoldedDirection& direction, Cell cell, size_t inputs) {
  const size_t columns = gates_of(cell) * direction.hidden();
  check_matrix(direction.weight_ih, inputs, columns, "input weights");
  check_matrix(direction.weight_hh, direction.hidden(), columns, "recurrent weights");
  check_matrix(direction.bias, 1, columns, "bias");
  const bool gru = cell == Cell::gru;
  check_matrix(direction.recurrent_bias, gru ? 1 : 0, gru ? direction.hidden() : 0,
               "recurrent bias");
}

}  // namespace

size_t FoldedLayer::outputs() const {
  size_t width = 0;
  for (const FoldedDirection& direction : directions) width += direction.hidden();
  return width;
}

size_t FoldedModel::summary() const {
  return layers.empty() ? 0 : layers.back().outputs() * poolings.size();
}

size_t FoldedModel::outputs() const {
  const bool yes_or_no = output == OutputKind::sigmoid && !several_labels && classes.size() == 2;
  return yes_or_no ? 1 : classes.size();
}

FoldedModel fold(const Classifier& classifier) {
  const Network& network = classifier.network;
  FoldedModel model;
  model.classes = classifier.classes;
  model.output = network.output;
  model.several_labels = classifier.several_labels;
  model.thresholds = classifier.thresholds;
  model.max_tokens = classifier.max_tokens;
  model.tokenizer = classifier.tokenizer;
  model.vocabulary = classifier.vocabulary;
  model.poolings = network.poolings;
  model.embedding = network.embedding.expectation();
  scale_rows(model.embedding, multipliers(network.word_multiplier, model.embedding.rows()));
  model.output_weight = network.output_weight.expectation();
  model.output_bias = network.output_bias.expectation();
  const auto sharpness = static_cast<float>(1.0 / classifier.temperature);
  scale(sharpness, model.output_weight.values());
  scale(sharpness, model.output_bias.values());

  model.cell = network.cell;
  model.gate_function = network.gate_function;
  std::vector<float> z_inputs = multipliers(network.input_multiplier, network.embedding.cols());
  for (const RecurrentLayer& from : network.layers) {
    FoldedLayer& to = model.layers.emplace_back();
    std::vector<float> z_outputs;
    for (const RecurrentDirection& direction : from.directions) {
      to.directions.push_back(fold_direction(direction, model.cell, z_inputs, z_outputs));
    }
    z_inputs = std::move(z_outputs);
  }
  for (const DenseLayer& layer : network.dense_layers) {
    model.dense_layers.push_back({layer.weight.expectation(), layer.bias.expectation()});
  }
  size_t feature = 0, first_unit = 0;
  Matrix& reader = model.dense_layers.empty() ? model.output_weight : model.dense_layers[0].weight;
  for (const FoldedDirection& direction : model.layers.back().directions) {
    const auto z_units = std::span(z_inputs).subspan(first_unit, direction.hidden());
    for (size_t p = 0; p < model.poolings.size(); ++p) {
      for (const float z : z_units) scale(z, reader.view().row_span(feature++));
    }
    first_unit += direction.hidden();
  }
  for (size_t l = 0; l < model.dense_layers.size(); ++l) {
    const bool last = l + 1 == model.dense_layers.size();
    scale_rows(
        last ? model.output_weight : model.dense_layers[l + 1].weight,
        multipliers(network.dense_layers[l].unit_multiplier, model.dense_layers[l].bias.cols()));
  }
  model.dense = {dense_weights(classifier.shape), classifier.dense_bytes, classifier.paper_weights};
  check_folded(model);
  return model;
}

void check_folded(const FoldedModel& model) {
  if (!model.tokenizer) fail("a model has no tokenizer");
  check_directions(model);
  if (model.poolings.empty()) fail("a model has no pooling");
  if (model.max_tokens > kMostTokens) {
    fail("a model cuts texts after ", model.max_tokens, " n-grams, expected at most ", kMostTokens);
  }
  check_outputs(model);
  check_matrix(model.embedding, model.vocabulary.size(), model.embedding.cols(), "embedding");
  size_t inputs = model.embedding.cols();
  for (const FoldedLayer& layer : model.layers) {
    for (const FoldedDirection& d : layer.directions) check_direction(d, model.cell, inputs);
    inputs = layer.outputs();
  }
  inputs = model.summary();
  for (const FoldedDense& layer : model.dense_layers) {
    check_matrix(layer.weight, inputs, layer.bias.cols(), "dense weights");
    check_matrix(layer.bias, 1, layer.bias.cols(), "dense bias");
    inputs = layer.bias.cols();
  }
  check_matrix(model.output_weight, inputs, model.output_bias.cols(), "output weights");
  check_matrix(model.output_bias, 1, model.output_bias.cols(), "output bias");
}

}  // namespace ockham
