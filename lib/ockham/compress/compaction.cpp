#include "ockham/compress/compaction.hpp"

#include <algorithm>

#include "ockham/tensor/blocked_columns.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/indices.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// E[w], zero where the criterion prunes.
Matrix kept_expectation(const Parameter& p) {
  return p.expectation(p.keep_mask());
}

/// Keeps what was found, and what was not found but was still there at the last call.
std::vector<uint32_t> filter_list(const std::vector<uint32_t>& ids,
                                  const std::vector<uint32_t>& found,
                                  std::vector<uint32_t>& pruned_before) {
  std::vector<uint32_t> kept, pruned_now;
  size_t next = 0;
  for (uint32_t i = 0; i < ids.size(); ++i) {
    const bool is_found = next < found.size() && found[next] == i;
    if (is_found) {
      ++next;
    } else {
      pruned_now.push_back(ids[i]);
      if (std::binary_search(pruned_before.begin(), pruned_before.end(), ids[i])) continue;
    }
    kept.push_back(i);
  }
  pruned_before = std::move(pruned_now);
  return kept;
}

}  // namespace

void pass_on_constants(Network& network, const Survivors& survivors) {
  for (size_t l = 0; l < network.dense_layers.size(); ++l) {
    const DenseLayer& layer = network.dense_layers[l];
    const bool last = l + 1 == network.dense_layers.size();
    const Matrix z = layer.unit_multiplier ? kept_expectation(*layer.unit_multiplier)
                                           : Matrix(1, layer.units(), 1.0f);
    const Matrix read =
        kept_expectation(last ? network.output_weight : network.dense_layers[l + 1].weight);
    Parameter& bias = last ? network.output_bias : network.dense_layers[l + 1].bias;
    for (uint32_t j = 0; j < layer.units(); ++j) {
      if (std::ranges::binary_search(survivors.dense[l], j)) continue;
      const float constant = z(0, j) * std::max(0.0f, layer.bias.mean(0, j));
      add_scaled(constant, read.view().row_span(j), bias.mean.values());
    }
  }
}

std::vector<Selection> selections(const Network& network, const Survivors& survivors) {
  std::vector<Selection> all;
  const std::vector<uint32_t> one{0};
  all.push_back({survivors.words, survivors.inputs});
  if (network.word_multiplier) all.push_back({survivors.words, one});
  if (network.input_multiplier) all.push_back({one, survivors.inputs});
  std::vector<uint32_t> inputs = survivors.inputs;  // of the layer, then of the output
  size_t next = 0;
  for (size_t l = 0; l < network.layers.size(); ++l) {
    const size_t blocks = l + 1 == network.layers.size() ? network.poolings.size() : 1;
    std::vector<uint32_t> read;
    uint32_t first = 0;
    for (const RecurrentDirection& direction : network.layers[l].directions) {
      const auto& units = survivors.units[next++];
      const std::vector<uint32_t> columns =
          columns_in_blocks(units, gates_of(network.cell), direction.hidden());
      all.push_back({inputs, columns});
      all.push_back({units, columns});
      all.push_back({one, columns});
      if (direction.recurrent_bias) all.push_back({one, units});
      if (direction.gate_multiplier) all.push_back({one, columns});
      if (direction.unit_multiplier) all.push_back({one, units});
      for (const uint32_t row : columns_in_blocks(units, blocks, direction.hidden())) {
        read.push_back(first + row);
      }
      first += static_cast<uint32_t>(direction.hidden() * blocks);
    }
    inputs = std::move(read);
  }
  for (size_t l = 0; l < network.dense_layers.size(); ++l) {
    const auto& units = survivors.dense[l];
    all.push_back({inputs, units});
    all.push_back({one, units});
    if (network.dense_layers[l].unit_multiplier) all.push_back({one, units});
    inputs = units;
  }
  const std::vector<uint32_t> outputs = counting(network.output_weight.cols());
  all.push_back({inputs, outputs});
  all.push_back({one, outputs});
  return all;
}

void compact(Network& network, std::span<const Selection> selected) {
  size_t next = 0;
  network.for_each_parameter([&](Parameter& p) {
    p.select(selected[next].rows, selected[next].columns);
    ++next;
  });
}

Pruning prune_and_compact(Network& network, PrunedMeans means) {
  Masks masks = keep_masks(network);
  const Masks own = masks;
  const Survivors survivors = find_survivors(network, masks);
  pass_on_constants(network, survivors);
  const std::vector<Selection> selected = selections(network, survivors);
  Pruning pruning{survivors.words};
  size_t next = 0;
  network.for_each_parameter([&](Parameter& p) {
    if (!is_bias(network, p) && !is_multiplier(network, p)) {
      for (const uint32_t r : selected[next].rows) {
        for (const uint32_t c : selected[next].columns) {
          pruning.weights_with_constant_gates += own[next][r * p.cols() + c];
        }
      }
    }
    if (means == PrunedMeans::kept) {
      p.kept = std::move(masks[next]);
    } else {
      p.prune(std::move(masks[next]));
    }
    ++next;
  });
  compact(network, selected);
  return pruning;
}

bool has_pruned_means(const Network& network) {
  bool any = false;
  network.for_each_parameter([&](const Parameter& p) { any |= p.has_pruned_means(); });
  return any;
}

void unprune(Network& network) {
  bool pruned = false;
  network.for_each_parameter(
      [&](const Parameter& p) { pruned |= std::ranges::count(p.kept, 0) > 0; });
  if (pruned && !has_pruned_means(network)) {
    fail("the means of what was pruned are not in this model: fine-tuning goes on without them; ",
         "train with --fine-tune-epochs 0 to keep them");
  }
  network.for_each_parameter([](Parameter& p) { p.kept.clear(); });
}

Survivors Hysteresis::filter(const Network& network, const Survivors& found) {
  const auto directions = network.directions();
  pruned_.resize(2 + directions.size() + network.dense_layers.size());
  Survivors kept;
  kept.words = filter_list(network.embedding.row_ids, found.words, pruned_[0]);
  kept.inputs = filter_list(network.embedding.column_ids, found.inputs, pruned_[1]);
  for (size_t d = 0; d < directions.size(); ++d) {
    kept.units.push_back(
        filter_list(directions[d]->weight_hh.row_ids, found.units[d], pruned_[2 + d]));
  }
  for (size_t l = 0; l < network.dense_layers.size(); ++l) {
    kept.dense.push_back(filter_list(network.dense_layers[l].weight.column_ids, found.dense[l],
                                     pruned_[2 + directions.size() + l]));
  }
  return kept;
}

}  // namespace ockham
