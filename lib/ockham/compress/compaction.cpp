#include "ockham/compress/compaction.hpp"

#include <algorithm>

#include "ockham/nn/lstm.hpp"
#include "ockham/tensor/blocked_columns.hpp"
#include "ockham/tensor/indices.hpp"

namespace ockham {
namespace {

/// A mask seen as a matrix, and one that is always 1 for a multiplier that does not exist.
class MaskView {
 public:
  MaskView() = default;
  MaskView(std::vector<uint8_t>& mask, size_t cols) : mask_(mask.data()), cols_(cols) {}

  bool operator()(size_t r, size_t c) const { return mask_ == nullptr || mask_[r * cols_ + c]; }
  /// Clears an element; true if that changed anything.
  bool clear(size_t r, size_t c) {
    if (mask_ == nullptr || !mask_[r * cols_ + c]) return false;
    mask_[r * cols_ + c] = 0;
    return true;
  }
  bool clear_row(size_t r) {
    bool changed = false;
    for (size_t c = 0; c < cols_; ++c) changed |= clear(r, c);
    return changed;
  }
  bool clear_column(size_t rows, size_t c) {
    bool changed = false;
    for (size_t r = 0; r < rows; ++r) changed |= clear(r, c);
    return changed;
  }
  bool any_in_row(size_t r) const {
    for (size_t c = 0; c < cols_; ++c) {
      if ((*this)(r, c)) return true;
    }
    return false;
  }
  bool any_in_column(size_t rows, size_t c) const {
    for (size_t r = 0; r < rows; ++r) {
      if ((*this)(r, c)) return true;
    }
    return false;
  }

 private:
  uint8_t* mask_ = nullptr;
  size_t cols_ = 0;
};

/// The masks under the names of MATH's groups.
struct NamedMasks {
  NamedMasks(const Network& network, Masks& masks) {
    size_t next = 0;
    const auto take = [&](const Parameter& p) { return MaskView(masks[next++], p.cols()); };
    const auto take_optional = [&](const std::optional<Parameter>& p) {
      return p ? take(*p) : MaskView();
    };
    embedding = take(network.embedding);
    words = take_optional(network.word_multiplier);
    inputs = take_optional(network.input_multiplier);
    for (const LstmDirection& d : network.directions) {
      Direction& direction = directions.emplace_back();
      direction.weight_ih = take(d.weight_ih);
      direction.weight_hh = take(d.weight_hh);
      direction.bias = take(d.bias);
      direction.gates = take_optional(d.gate_multiplier);
      direction.units = take_optional(d.unit_multiplier);
    }
    output = take(network.output_weight);
  }

  struct Direction {
    MaskView weight_ih, weight_hh, bias, gates, units;
  };
  MaskView embedding, words, inputs, output;
  std::vector<Direction> directions;
};

/// Takes one round of removals; run until nothing changes.
class Narrowing {
 public:
  Narrowing(const Network& network, Masks& masks) : network_(network), masks_(network, masks) {}

  bool round() {
    bool changed = false;
    size_t first_feature = 0;
    for (size_t d = 0; d < network_.directions.size(); ++d) {
      changed |= narrow_units(d, first_feature);
      changed |= narrow_gates(d);
      first_feature += network_.directions[d].hidden() * network_.poolings.size();
    }
    return narrow_inputs() | narrow_words() | changed;
  }

  bool word_kept(size_t w) const { return masks_.words(w, 0) && masks_.embedding.any_in_row(w); }

  bool input_kept(size_t e) const {
    if (!masks_.inputs(0, e) || !masks_.embedding.any_in_column(network_.embedding.rows(), e)) {
      return false;
    }
    for (const auto& direction : masks_.directions) {
      if (direction.weight_ih.any_in_row(e)) return true;
    }
    return false;
  }

  bool unit_kept(size_t d, size_t j, size_t first_feature) const {
    const auto& direction = masks_.directions[d];
    if (!direction.units(0, j)) return false;
    const size_t hidden = network_.directions[d].hidden();
    for (size_t p = 0; p < network_.poolings.size(); ++p) {
      if (masks_.output.any_in_row(first_feature + p * hidden + j)) return true;
    }
    // Read by other units only: by itself alone is not enough.
    for (size_t c = 0; c < kLstmGates * hidden; ++c) {
      if (c % hidden != j && direction.weight_hh(j, c)) return true;
    }
    return false;
  }

 private:
  bool narrow_units(size_t d, size_t first_feature) {
    auto& direction = masks_.directions[d];
    const size_t hidden = network_.directions[d].hidden();
    bool changed = false;
    for (size_t j = 0; j < hidden; ++j) {
      if (unit_kept(d, j, first_feature)) continue;
      changed |= direction.units.clear(0, j);
      changed |= direction.weight_hh.clear_row(j);
      for (size_t k = 0; k < kLstmGates; ++k) changed |= clear_gate(d, k * hidden + j);
      for (size_t p = 0; p < network_.poolings.size(); ++p) {
        changed |= masks_.output.clear_row(first_feature + p * hidden + j);
      }
    }
    return changed;
  }

  bool narrow_gates(size_t d) {
    auto& direction = masks_.directions[d];
    const LstmDirection& parameters = network_.directions[d];
    bool changed = false;
    for (size_t c = 0; c < kLstmGates * parameters.hidden(); ++c) {
      const bool weights = direction.weight_ih.any_in_column(parameters.weight_ih.rows(), c) ||
                           direction.weight_hh.any_in_column(parameters.hidden(), c);
      if (!direction.gates(0, c) || !weights) changed |= clear_gate(d, c);
    }
    return changed;
  }

  bool clear_gate(size_t d, size_t c) {
    auto& direction = masks_.directions[d];
    const LstmDirection& parameters = network_.directions[d];
    bool changed = direction.gates.clear(0, c);
    changed |= direction.weight_ih.clear_column(parameters.weight_ih.rows(), c);
    changed |= direction.weight_hh.clear_column(parameters.hidden(), c);
    return changed;
  }

  bool narrow_inputs() {
    bool changed = false;
    for (size_t e = 0; e < network_.embedding.cols(); ++e) {
      if (input_kept(e)) continue;
      changed |= masks_.inputs.clear(0, e);
      changed |= masks_.embedding.clear_column(network_.embedding.rows(), e);
      for (auto& direction : masks_.directions) changed |= direction.weight_ih.clear_row(e);
    }
    return changed;
  }

  bool narrow_words() {
    bool changed = false;
    for (size_t w = 0; w < network_.embedding.rows(); ++w) {
      if (word_kept(w)) continue;
      changed |= masks_.words.clear(w, 0);
      changed |= masks_.embedding.clear_row(w);
    }
    return changed;
  }

  const Network& network_;
  NamedMasks masks_;
};

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

Masks keep_masks(const Network& network) {
  Masks masks;
  network.for_each_parameter([&](const Parameter& p) {
    masks.push_back(is_bias(network, p) ? std::vector<uint8_t>(p.mean.size(), 1) : p.keep_mask());
  });
  return masks;
}

Survivors find_survivors(const Network& network, Masks& masks) {
  Narrowing narrowing(network, masks);
  while (narrowing.round()) {
  }
  Survivors survivors;
  for (uint32_t w = 0; w < network.embedding.rows(); ++w) {
    if (narrowing.word_kept(w)) survivors.words.push_back(w);
  }
  for (uint32_t e = 0; e < network.embedding.cols(); ++e) {
    if (narrowing.input_kept(e)) survivors.inputs.push_back(e);
  }
  size_t first_feature = 0;
  for (size_t d = 0; d < network.directions.size(); ++d) {
    auto& units = survivors.units.emplace_back();
    for (uint32_t j = 0; j < network.directions[d].hidden(); ++j) {
      if (narrowing.unit_kept(d, j, first_feature)) units.push_back(j);
    }
    first_feature += network.directions[d].hidden() * network.poolings.size();
  }
  return survivors;
}

std::vector<Selection> selections(const Network& network, const Survivors& survivors) {
  std::vector<Selection> all;
  const std::vector<uint32_t> one{0};
  all.push_back({survivors.words, survivors.inputs});
  if (network.word_multiplier) all.push_back({survivors.words, one});
  if (network.input_multiplier) all.push_back({one, survivors.inputs});
  std::vector<uint32_t> features;
  uint32_t first_feature = 0;
  for (size_t d = 0; d < network.directions.size(); ++d) {
    const LstmDirection& direction = network.directions[d];
    const auto& units = survivors.units[d];
    const std::vector<uint32_t> columns = columns_in_blocks(units, kLstmGates, direction.hidden());
    all.push_back({survivors.inputs, columns});
    all.push_back({units, columns});
    all.push_back({one, columns});
    if (direction.gate_multiplier) all.push_back({one, columns});
    if (direction.unit_multiplier) all.push_back({one, units});
    for (const uint32_t f : columns_in_blocks(units, network.poolings.size(), direction.hidden())) {
      features.push_back(first_feature + f);
    }
    first_feature += static_cast<uint32_t>(direction.hidden() * network.poolings.size());
  }
  const std::vector<uint32_t> outputs = counting(network.output_weight.cols());
  all.push_back({features, outputs});
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

Pruning prune_and_compact(Network& network) {
  Masks masks = keep_masks(network);
  const Masks own = masks;
  const Survivors survivors = find_survivors(network, masks);
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
    p.prune(std::move(masks[next]));
    ++next;
  });
  compact(network, selected);
  return pruning;
}

Survivors Hysteresis::filter(const Network& network, const Survivors& found) {
  pruned_.resize(2 + network.directions.size());
  Survivors kept;
  kept.words = filter_list(network.embedding.row_ids, found.words, pruned_[0]);
  kept.inputs = filter_list(network.embedding.column_ids, found.inputs, pruned_[1]);
  for (size_t d = 0; d < network.directions.size(); ++d) {
    kept.units.push_back(
        filter_list(network.directions[d].weight_hh.row_ids, found.units[d], pruned_[2 + d]));
  }
  return kept;
}

}  // namespace ockham
