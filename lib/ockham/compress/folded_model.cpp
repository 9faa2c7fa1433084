#include "ockham/compress/folded_model.hpp"

#include <cmath>
#include <optional>

#include "ockham/compress/figures.hpp"
#include "ockham/nn/lstm.hpp"
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
/// gate is negated instead, which turns c and h into -c and -h: a maximum over time does not
/// commute with a negative factor.
std::vector<float> take_signs(std::span<const float> z_units, FoldedDirection& direction) {
  std::vector<float> magnitudes;
  for (size_t j = 0; j < z_units.size(); ++j) {
    magnitudes.push_back(std::abs(z_units[j]));
    if (z_units[j] >= 0.0f) continue;
    const size_t column = kCandidateGate * z_units.size() + j;
    for (Matrix* m : {&direction.weight_ih, &direction.weight_hh, &direction.bias}) {
      for (size_t r = 0; r < m->rows(); ++r) (*m)(r, column) = -(*m)(r, column);
    }
  }
  return magnitudes;
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

}  // namespace

size_t FoldedModel::summary() const {
  size_t width = 0;
  for (const FoldedDirection& direction : directions) width += direction.hidden() * poolings.size();
  return width;
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
  model.temperature = classifier.temperature;
  model.max_tokens = classifier.max_tokens;
  model.tokenizer = classifier.tokenizer;
  model.ngrams = classifier.vocabulary.ngrams();
  model.poolings = network.poolings;
  model.embedding = network.embedding.expectation();
  scale_rows(model.embedding, multipliers(network.word_multiplier, model.embedding.rows()));
  model.output_weight = network.output_weight.expectation();
  model.output_bias = network.output_bias.expectation();

  const std::vector<float> z_inputs =
      multipliers(network.input_multiplier, network.embedding.cols());
  size_t feature = 0;
  for (const LstmDirection& from : network.directions) {
    FoldedDirection& to = model.directions.emplace_back();
    to.weight_ih = from.weight_ih.expectation();
    to.weight_hh = from.weight_hh.expectation();
    to.bias = from.bias.expectation();
    scale_rows(to.weight_ih, z_inputs);
    const std::vector<float> z_gates = multipliers(from.gate_multiplier, to.bias.cols());
    scale_columns(to.weight_ih, z_gates);
    scale_columns(to.weight_hh, z_gates);
    const std::vector<float> z_units =
        take_signs(multipliers(from.unit_multiplier, from.hidden()), to);
    scale_rows(to.weight_hh, z_units);
    for (size_t p = 0; p < model.poolings.size(); ++p) {
      for (const float z : z_units) scale(z, model.output_weight.view().row_span(feature++));
    }
  }
  model.dense = {dense_weights(classifier.shape), classifier.dense_bytes, classifier.paper_weights};
  check_folded(model);
  return model;
}

void check_folded(const FoldedModel& model) {
  if (!model.tokenizer) fail("a model has no tokenizer");
  if (model.directions.empty() || model.directions.size() > 2) {
    fail("a model has ", model.directions.size(), " directions, expected 1 or 2");
  }
  if (model.poolings.empty()) fail("a model has no pooling");
  if (model.max_tokens > kMostTokens) {
    fail("a model cuts texts after ", model.max_tokens, " n-grams, expected at most ", kMostTokens);
  }
  check_outputs(model);
  check_matrix(model.embedding, model.ngrams.size(), model.embedding.cols(), "embedding");
  for (const FoldedDirection& d : model.directions) {
    const size_t columns = kLstmGates * d.hidden();
    check_matrix(d.weight_ih, model.embedding.cols(), columns, "input weights");
    check_matrix(d.weight_hh, d.hidden(), columns, "recurrent weights");
    check_matrix(d.bias, 1, columns, "bias");
  }
  check_matrix(model.output_weight, model.summary(), model.output_bias.cols(), "output weights");
  check_matrix(model.output_bias, 1, model.output_bias.cols(), "output bias");
}

}  // namespace ockham
