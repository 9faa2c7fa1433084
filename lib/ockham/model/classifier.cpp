#include "ockham/model/classifier.hpp"

#include "ockham/nn/lstm.hpp"
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

}  // namespace

KeptIds kept_ids(const Network& network) {
  KeptIds kept{network.embedding.row_ids, network.embedding.column_ids, {}};
  for (const LstmDirection& direction : network.directions) {
    kept.units.push_back(direction.weight_hh.row_ids);
  }
  return kept;
}

Network make_compact_network(const NetworkShape& shape, const KeptIds& kept) {
  const size_t directions = shape.bidirectional ? 2 : 1;
  if (kept.units.size() != directions) {
    fail("the model keeps units of ", kept.units.size(), " directions, its shape has ", directions);
  }
  check_ids(kept.words, shape.words, "words");
  check_ids(kept.inputs, shape.embedding, "inputs");
  for (const auto& units : kept.units) check_ids(units, shape.hidden, "units");

  Network network = make_network(shape, 0);
  const std::vector<uint32_t> one{0};
  const auto select_optional = [](std::optional<Parameter>& p, const std::vector<uint32_t>& rows,
                                  const std::vector<uint32_t>& columns) {
    if (p) p->select(rows, columns);
  };
  network.embedding.select(kept.words, kept.inputs);
  select_optional(network.word_multiplier, kept.words, one);
  select_optional(network.input_multiplier, one, kept.inputs);
  std::vector<uint32_t> features;
  const auto hidden = static_cast<uint32_t>(shape.hidden);
  for (size_t d = 0; d < directions; ++d) {
    LstmDirection& direction = network.directions[d];
    std::vector<uint32_t> columns;
    for (uint32_t k = 0; k < kLstmGates; ++k) {
      for (const uint32_t j : kept.units[d]) columns.push_back(k * hidden + j);
    }
    direction.weight_ih.select(kept.inputs, columns);
    direction.weight_hh.select(kept.units[d], columns);
    direction.bias.select(one, columns);
    select_optional(direction.gate_multiplier, one, columns);
    select_optional(direction.unit_multiplier, one, kept.units[d]);
    const auto poolings = static_cast<uint32_t>(shape.poolings.size());
    for (uint32_t p = 0; p < poolings; ++p) {
      for (const uint32_t j : kept.units[d]) {
        features.push_back((static_cast<uint32_t>(d) * poolings + p) * hidden + j);
      }
    }
  }
  std::vector<uint32_t> outputs(shape.outputs);
  for (uint32_t k = 0; k < outputs.size(); ++k) outputs[k] = k;
  network.output_weight.select(features, outputs);
  return network;
}

}  // namespace ockham
