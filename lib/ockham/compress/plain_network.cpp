#include "ockham/compress/plain_network.hpp"

#include <algorithm>

#include "ockham/tensor/indices.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// Calls visit(parameter, matrix) for everything that both have.
template <typename Net, typename Model, typename Visit>
void visit_both(Net& network, Model& model, const Visit& visit) {
  visit(network.embedding, model.embedding);
  for (size_t l = 0; l < network.layers.size(); ++l) {
    for (size_t d = 0; d < network.layers[l].directions.size(); ++d) {
      auto& p = network.layers[l].directions[d];
      auto& m = model.layers[l].directions[d];
      visit(p.weight_ih, m.weight_ih);
      visit(p.weight_hh, m.weight_hh);
      visit(p.bias, m.bias);
      if (p.recurrent_bias) visit(*p.recurrent_bias, m.recurrent_bias);
    }
  }
  for (size_t l = 0; l < network.dense_layers.size(); ++l) {
    visit(network.dense_layers[l].weight, model.dense_layers[l].weight);
    visit(network.dense_layers[l].bias, model.dense_layers[l].bias);
  }
  visit(network.output_weight, model.output_weight);
  visit(network.output_bias, model.output_bias);
}

/// The shape of a network that has room for the model; directions may have fewer units.
NetworkShape shape_of(const FoldedModel& model) {
  NetworkShape shape{.words = model.embedding.rows(),
                     .embedding = model.embedding.cols(),
                     .bidirectional = model.layers[0].directions.size() == 2,
                     .poolings = model.poolings,
                     .output = model.output,
                     .outputs = model.outputs(),
                     .groups = {},
                     .cell = model.cell,
                     .layers = model.layers.size(),
                     .gate_function = model.gate_function};
  for (const FoldedLayer& layer : model.layers) {
    for (const FoldedDirection& direction : layer.directions) {
      shape.hidden = std::max(shape.hidden, direction.hidden());
    }
  }
  for (const FoldedDense& layer : model.dense_layers) {
    shape.dense_layers.push_back(layer.bias.cols());
  }
  return shape;
}

KeptIds all_of(const FoldedModel& model) {
  KeptIds kept{counting(model.embedding.rows()), counting(model.embedding.cols()), {}};
  for (const FoldedLayer& layer : model.layers) {
    for (const FoldedDirection& direction : layer.directions) {
      kept.units.push_back(counting(direction.hidden()));
    }
  }
  for (const FoldedDense& layer : model.dense_layers) {
    kept.dense.push_back(counting(layer.bias.cols()));
  }
  return kept;
}

}  // namespace

Network plain_network(const FoldedModel& model) {
  Network network = make_compact_network(shape_of(model), all_of(model));
  visit_both(network, model, [&](Parameter& p, const Matrix& m) {
    p.mean = m;
    std::vector<uint8_t> kept;
    for (const float w : m.values()) kept.push_back(w != 0.0f);
    p.prune(std::move(kept));
  });
  const auto sharpness = static_cast<float>(1.0 / model.temperature);
  scale(sharpness, network.output_weight.mean.values());
  scale(sharpness, network.output_bias.mean.values());
  return network;
}

void take_weights(const Network& network, FoldedModel& model) {
  visit_both(network, model, [](const Parameter& p, Matrix& m) { m = p.mean; });
  model.temperature = 1.0;
}

}  // namespace ockham
