#include "ockham/compress/figures.hpp"

#include <algorithm>

namespace ockham {
namespace {

/// Matrices in which a weight that is kept is not 0.
struct KeptWeights {
  Matrix embedding;
  struct Direction {
    Matrix weight_ih;
    Matrix weight_hh;
  };
  std::vector<std::vector<Direction>> layers;
  std::vector<Matrix> dense_layers;
  Matrix output;
};

size_t count(const Matrix& m) {
  return static_cast<size_t>(
      std::count_if(m.values().begin(), m.values().end(), [](float w) { return w != 0.0f; }));
}

bool any_in_column(const Matrix& m, size_t c) {
  for (size_t r = 0; r < m.rows(); ++r) {
    if (m(r, c) != 0.0f) return true;
  }
  return false;
}

CompressionFigures count_figures(size_t weights_total, const KeptWeights& kept) {
  CompressionFigures figures;
  figures.weights_total = weights_total;
  figures.words_kept = kept.embedding.rows();
  figures.inputs_kept = kept.embedding.cols();
  figures.embedding_weights = count(kept.embedding);
  figures.output_weights = count(kept.output);
  for (size_t l = 0; l < kept.layers.size(); ++l) {
    for (const auto& direction : kept.layers[l]) {
      const size_t units = direction.weight_hh.rows();
      figures.units_kept += units;
      figures.recurrent_weights += count(direction.weight_ih) + count(direction.weight_hh);
      size_t gates = 0;
      for (size_t c = 0; c < direction.weight_hh.cols(); ++c) {
        gates += any_in_column(direction.weight_ih, c) || any_in_column(direction.weight_hh, c);
      }
      figures.gates_kept += gates;
      // The first layer's inputs are looked up.
      const size_t read = units + (l > 0 ? direction.weight_ih.rows() : 0);
      figures.flops_per_token += 2.0 * static_cast<double>(read) * static_cast<double>(gates) +
                                 30.0 * static_cast<double>(units);
    }
  }
  figures.weights_kept =
      figures.embedding_weights + figures.recurrent_weights + figures.output_weights;
  for (const Matrix& weight : kept.dense_layers) {
    figures.dense_layer_units.push_back(weight.cols());
    figures.dense_layer_weights.push_back(count(weight));
    figures.weights_kept += figures.dense_layer_weights.back();
  }
  figures.compression = static_cast<double>(figures.weights_total) /
                        static_cast<double>(std::max<size_t>(1, figures.weights_kept));
  return figures;
}

}  // namespace

size_t dense_weights(const NetworkShape& shape) {
  const size_t outputs = (shape.bidirectional ? 2 : 1) * shape.hidden;  // of a layer
  size_t weights = shape.words * shape.embedding;
  for (size_t l = 0; l < shape.layers; ++l) {
    const size_t inputs = l == 0 ? shape.embedding : outputs;
    weights += gates_of(shape.cell) * outputs * (inputs + shape.hidden);
  }
  size_t inputs = outputs * shape.poolings.size();
  for (const size_t units : shape.dense_layers) {
    weights += inputs * units;
    inputs = units;
  }
  return weights + inputs * shape.outputs;
}

CompressionFigures compression_figures(const NetworkShape& dense, const Network& network) {
  KeptWeights kept{network.embedding.expectation(), {}, {}, network.output_weight.expectation()};
  for (const RecurrentLayer& layer : network.layers) {
    auto& directions = kept.layers.emplace_back();
    for (const RecurrentDirection& direction : layer.directions) {
      directions.push_back({direction.weight_ih.expectation(), direction.weight_hh.expectation()});
    }
  }
  for (const DenseLayer& layer : network.dense_layers) {
    kept.dense_layers.push_back(layer.weight.expectation());
  }
  return count_figures(dense_weights(dense), kept);
}

CompressionFigures compression_figures(const FoldedModel& model) {
  KeptWeights kept{model.embedding, {}, {}, model.output_weight};
  for (const FoldedLayer& layer : model.layers) {
    auto& directions = kept.layers.emplace_back();
    for (const FoldedDirection& direction : layer.directions) {
      directions.push_back({direction.weight_ih, direction.weight_hh});
    }
  }
  for (const FoldedDense& layer : model.dense_layers) kept.dense_layers.push_back(layer.weight);
  return count_figures(model.dense.weights, kept);
}

}  // namespace ockham
