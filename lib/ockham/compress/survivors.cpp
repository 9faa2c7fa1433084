#include "ockham/compress/survivors.hpp"

#include <algorithm>
#include <optional>

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
    for (const RecurrentLayer& l : network.layers) {
      auto& directions = layers.emplace_back();
      for (const RecurrentDirection& d : l.directions) {
        Direction& direction = directions.emplace_back();
        direction.weight_ih = take(d.weight_ih);
        direction.weight_hh = take(d.weight_hh);
        take(d.bias);
        take_optional(d.recurrent_bias);
        direction.gates = take_optional(d.gate_multiplier);
        direction.units = take_optional(d.unit_multiplier);
      }
    }
    for (const DenseLayer& l : network.dense_layers) {
      Dense& layer = dense.emplace_back();
      layer.weight = take(l.weight);
      take(l.bias);
      layer.units = take_optional(l.unit_multiplier);
    }
    output = take(network.output_weight);
  }

  struct Direction {
    MaskView weight_ih, weight_hh, gates, units;
  };
  struct Dense {
    MaskView weight, units;
  };
  MaskView embedding, words, inputs, output;
  std::vector<Dense> dense;
  std::vector<std::vector<Direction>> layers;
};

/// Where a direction's units stand among what its layer's readers read.
struct Readers {
  std::vector<MaskView> matrices;  ///< W^x of the next layer's directions, or dense weights
  size_t first = 0;                ///< row of the direction's first unit
  size_t blocks = 1;               ///< for each pooling once
};

/// Takes one round of removals; run until nothing changes.
class Narrowing {
 public:
  Narrowing(const Network& network, Masks& masks) : network_(network), masks_(network, masks) {}

  bool round() {
    bool changed = false;
    for (size_t l = masks_.dense.size(); l-- > 0;) changed |= narrow_dense(l);
    for (size_t l = network_.layers.size(); l-- > 0;) {
      for (size_t d = 0; d < network_.layers[l].directions.size(); ++d) {
        changed |= narrow_units(l, d);
        changed |= narrow_gates(l, d);
      }
    }
    return narrow_inputs() | narrow_words() | changed;
  }

  bool word_kept(size_t w) const { return masks_.words(w, 0) && masks_.embedding.any_in_row(w); }

  bool dense_kept(size_t l, size_t j) const {
    const auto& layer = masks_.dense[l];
    return layer.units(0, j) &&
           layer.weight.any_in_column(network_.dense_layers[l].weight.rows(), j) &&
           dense_weight(l + 1).any_in_row(j);
  }

  bool input_kept(size_t e) const {
    if (!masks_.inputs(0, e) || !masks_.embedding.any_in_column(network_.embedding.rows(), e)) {
      return false;
    }
    for (const auto& direction : masks_.layers[0]) {
      if (direction.weight_ih.any_in_row(e)) return true;
    }
    return false;
  }

  std::vector<uint32_t> units_kept(size_t l, size_t d) const {
    const Readers readers = readers_of(l, d);
    std::vector<uint32_t> units;
    for (uint32_t j = 0; j < hidden(l, d); ++j) {
      if (unit_kept(l, d, j, readers)) units.push_back(j);
    }
    return units;
  }

 private:
  size_t hidden(size_t l, size_t d) const { return network_.layers[l].directions[d].hidden(); }
  size_t gates() const { return gates_of(network_.cell); }

  /// Of dense layer l, the output layer behind them all.
  const MaskView& dense_weight(size_t l) const {
    return l < masks_.dense.size() ? masks_.dense[l].weight : masks_.output;
  }

  bool narrow_dense(size_t l) {
    const Parameter& weight = network_.dense_layers[l].weight;
    MaskView reader = dense_weight(l + 1);
    bool changed = false;
    for (size_t j = 0; j < weight.cols(); ++j) {
      if (dense_kept(l, j)) continue;
      changed |= masks_.dense[l].units.clear(0, j);
      changed |= masks_.dense[l].weight.clear_column(weight.rows(), j);
      changed |= reader.clear_row(j);
    }
    return changed;
  }

  Readers readers_of(size_t l, size_t d) const {
    Readers readers;
    if (l + 1 < masks_.layers.size()) {
      for (const auto& direction : masks_.layers[l + 1]) {
        readers.matrices.push_back(direction.weight_ih);
      }
    } else {
      readers.matrices.push_back(dense_weight(0));
      readers.blocks = network_.poolings.size();
    }
    for (size_t before = 0; before < d; ++before) {
      readers.first += hidden(l, before) * readers.blocks;
    }
    return readers;
  }

  bool unit_kept(size_t l, size_t d, size_t j, const Readers& readers) const {
    const auto& direction = masks_.layers[l][d];
    if (!direction.units(0, j)) return false;
    const size_t units = hidden(l, d);
    for (const MaskView& matrix : readers.matrices) {
      for (size_t p = 0; p < readers.blocks; ++p) {
        if (matrix.any_in_row(readers.first + p * units + j)) return true;
      }
    }
    // Read by other units only: by itself alone is not enough.
    for (size_t c = 0; c < gates() * units; ++c) {
      if (c % units != j && direction.weight_hh(j, c)) return true;
    }
    return false;
  }

  bool narrow_units(size_t l, size_t d) {
    auto& direction = masks_.layers[l][d];
    const size_t units = hidden(l, d);
    Readers readers = readers_of(l, d);
    bool changed = false;
    for (size_t j = 0; j < units; ++j) {
      if (unit_kept(l, d, j, readers)) continue;
      changed |= direction.units.clear(0, j);
      changed |= direction.weight_hh.clear_row(j);
      for (size_t k = 0; k < gates(); ++k) changed |= clear_gate(l, d, k * units + j);
      for (MaskView& matrix : readers.matrices) {
        for (size_t p = 0; p < readers.blocks; ++p) {
          changed |= matrix.clear_row(readers.first + p * units + j);
        }
      }
    }
    return changed;
  }

  /// A gate without weights is constant and its multiplier has nothing to multiply; but that of a
  /// GRU's candidate still multiplies r b_hn.
  bool narrow_gates(size_t l, size_t d) {
    auto& direction = masks_.layers[l][d];
    const RecurrentDirection& parameters = network_.layers[l].directions[d];
    const size_t units = parameters.hidden();
    const bool gru = network_.cell == Cell::gru;
    const auto has_weights = [&](size_t c) {
      return direction.weight_ih.any_in_column(parameters.weight_ih.rows(), c) ||
             direction.weight_hh.any_in_column(units, c);
    };
    bool changed = false;
    for (size_t c = 0; c < gates() * units; ++c) {
      const size_t k = c / units, j = c % units;
      const size_t candidate = candidate_gate(network_.cell);
      const bool resets_nothing = gru && k == 0 && !direction.gates(0, candidate * units + j);
      const bool needed = direction.gates(0, c) && !resets_nothing;
      if (needed && (has_weights(c) || (gru && k == candidate))) continue;
      changed |= clear_gate(l, d, c);
    }
    return changed;
  }

  bool clear_gate(size_t l, size_t d, size_t c) {
    auto& direction = masks_.layers[l][d];
    const RecurrentDirection& parameters = network_.layers[l].directions[d];
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
      for (auto& direction : masks_.layers[0]) changed |= direction.weight_ih.clear_row(e);
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
  for (size_t l = 0; l < network.layers.size(); ++l) {
    for (size_t d = 0; d < network.layers[l].directions.size(); ++d) {
      survivors.units.push_back(narrowing.units_kept(l, d));
    }
  }
  for (size_t l = 0; l < network.dense_layers.size(); ++l) {
    auto& units = survivors.dense.emplace_back();
    for (uint32_t j = 0; j < network.dense_layers[l].units(); ++j) {
      if (narrowing.dense_kept(l, j)) units.push_back(j);
    }
  }
  return survivors;
}

size_t count_kept_weights(const Network& network) {
  Masks masks = keep_masks(network);
  find_survivors(network, masks);
  size_t count = 0, next = 0;
  network.for_each_parameter([&](const Parameter& p) {
    const std::vector<uint8_t>& mask = masks[next++];
    if (is_bias(network, p) || is_multiplier(network, p)) return;
    count += static_cast<size_t>(std::ranges::count(mask, uint8_t{1}));
  });
  return count;
}

}  // namespace ockham
