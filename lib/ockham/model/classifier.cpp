#include "ockham/model/classifier.hpp"

#include "ockham/tensor/blocked_columns.hpp"
#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

void check_ids(const std::vector<uint32_t>& ids, size_t size, const char* what) {
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= size || (i > 0 && ids[i] <= ids[i - 1])) {
      fail("the kept ", what, " are not ascending numbers below ", size);
    }
  }
}

/// Makes a parameter of no rows or no columns the part of the dense one that is kept.
void take_part(Parameter& p, const std::vector<uint32_t>& rows,
               const std::vector<uint32_t>& columns) {
  p.mean = Matrix(rows.size(), columns.size());
  p.mean_gradient = Matrix(rows.size(), columns.size());
  p.row_ids = rows;
  p.column_ids = columns;
}

void take_part(std::optional<Parameter>& p, const std::vector<uint32_t>& rows,
               const std::vector<uint32_t>& columns) {
  if (p) take_part(*p, rows, columns);
}

}  // namespace

KeptIds kept_ids(const Network& network) {
  KeptIds kept{network.embedding.row_ids, network.embedding.column_ids, {}};
  for (const RecurrentDirection* direction : network.directions()) {
    kept.units.push_back(direction->weight_hh.row_ids);
  }
  for (const DenseLayer& layer : network.dense_layers) {
    kept.dense.push_back(layer.weight.column_ids);
  }
  return kept;
}

size_t dense_model_bytes(const Network& network, const Vocabulary& vocabulary) {
  size_t bytes = 0;
  network.for_each_parameter([&](const Parameter& p) {
    if (!is_multiplier(network, p)) bytes += p.mean.size() * sizeof(float);
  });
  if (vocabulary.hashed() != nullptr) return bytes;  // which are worked out, not stored
  for (uint32_t id = 0; id < vocabulary.size(); ++id) bytes += vocabulary.ngram(id).size() + 1;
  return bytes;
}

Network make_compact_network(const NetworkShape& shape, const KeptIds& kept) {
  const size_t directions = shape.bidirectional ? 2 : 1;
  if (kept.units.size() != shape.layers * directions) {
    fail("the model keeps units of ", kept.units.size(), " directions, its shape has ",
         shape.layers * directions);
  }
  if (kept.dense.size() != shape.dense_layers.size()) {
    fail("the model keeps units of ", kept.dense.size(), " dense layers, its shape has ",
         shape.dense_layers.size());
  }
  for (size_t l = 0; l < kept.dense.size(); ++l) {
    check_ids(kept.dense[l], shape.dense_layers[l], "units of a dense layer");
  }
  check_ids(kept.words, shape.words, "words");
  check_ids(kept.inputs, shape.embedding, "inputs");
  for (const auto& units : kept.units) check_ids(units, shape.hidden, "units");

  // Only the structure is made here: the dense network may be many times what is kept of it.
  NetworkShape bare = shape;
  bare.words = bare.embedding = bare.hidden = 0;
  bare.dense_layers.assign(shape.dense_layers.size(), 0);
  Network network = make_network(bare, 0);
  const std::vector<uint32_t> one{0};
  take_part(network.embedding, kept.words, kept.inputs);
  take_part(network.word_multiplier, kept.words, one);
  take_part(network.input_multiplier, one, kept.inputs);
  std::vector<uint32_t> inputs = kept.inputs;  // of the layer
  size_t next = 0;
  for (RecurrentLayer& layer : network.layers) {
    const size_t first = next;
    for (RecurrentDirection& direction : layer.directions) {
      const std::vector<uint32_t>& units = kept.units[next++];
      const std::vector<uint32_t> columns =
          columns_in_blocks(units, gates_of(shape.cell), shape.hidden);
      take_part(direction.weight_ih, inputs, columns);
      take_part(direction.weight_hh, units, columns);
      take_part(direction.bias, one, columns);
      take_part(direction.recurrent_bias, one, units);
      take_part(direction.gate_multiplier, one, columns);
      take_part(direction.unit_multiplier, one, units);
    }
    // What reads this layer: the next one, or the output after pooling.
    const bool top = &layer == &network.layers.back();
    const size_t blocks = top ? shape.poolings.size() : 1;
    inputs.clear();
    for (size_t d = 0; d < directions; ++d) {
      const std::vector<uint32_t> rows =
          columns_in_blocks(kept.units[first + d], blocks, shape.hidden, d * blocks);
      inputs.insert(inputs.end(), rows.begin(), rows.end());
    }
  }
  for (size_t l = 0; l < kept.dense.size(); ++l) {
    DenseLayer& layer = network.dense_layers[l];
    take_part(layer.weight, inputs, kept.dense[l]);
    take_part(layer.bias, one, kept.dense[l]);
    take_part(layer.unit_multiplier, one, kept.dense[l]);
    inputs = kept.dense[l];
  }
  take_part(network.output_weight, inputs, network.output_bias.column_ids);
  return network;
}

}  // namespace ockham
