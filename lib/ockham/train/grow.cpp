#include "ockham/train/grow.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "ockham/compress/folded_model.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// How far below all old classes together a new one starts, as a logit: at 5% of the probability.
constexpr float kNewClassLogit = -3.0f;

/// Sets the elements at rows x columns of `to`.
void put(const Matrix& from, size_t first_row, size_t first_column, Matrix& to) {
  for (size_t r = 0; r < from.rows(); ++r) {
    std::copy_n(from.row(r), from.cols(), to.row(first_row + r) + first_column);
  }
}

void clear(Matrix& m, size_t row_begin, size_t row_end, size_t column_begin, size_t column_end) {
  for (size_t r = row_begin; r < row_end; ++r) {
    std::fill(m.row(r) + column_begin, m.row(r) + column_end, 0.0f);
  }
}

void grow_embedding(const FoldedModel& base, Matrix& embedding) {
  const size_t inputs = base.embedding.cols();
  clear(embedding, base.embedding.rows(), embedding.rows(), 0, inputs);
  put(base.embedding, 0, 0, embedding);
}

/// Where each old input of a layer stands among the new ones: the embedding's first, or, above, the
/// first units of each direction below.
std::vector<size_t> input_rows(const FoldedModel& base, size_t layer, size_t hidden) {
  std::vector<size_t> rows;
  if (layer == 0) {
    for (size_t e = 0; e < base.embedding.cols(); ++e) rows.push_back(e);
    return rows;
  }
  const auto& below = base.layers[layer - 1].directions;
  for (size_t d = 0; d < below.size(); ++d) {
    for (size_t j = 0; j < below[d].hidden(); ++j) rows.push_back(d * hidden + j);
  }
  return rows;
}

/// Column `to` of a matrix: zeros, but the old column's values in their new rows.
void put_column(const Matrix& from, size_t from_column, std::span<const size_t> rows, Matrix& m,
                size_t to) {
  for (size_t r = 0; r < m.rows(); ++r) m(r, to) = 0.0f;
  for (size_t r = 0; r < rows.size(); ++r) m(rows[r], to) = from(r, from_column);
}

/// Fresh inputs and fresh units have nothing to say to old units yet.
void grow_direction(const FoldedDirection& base, std::span<const size_t> inputs, size_t gates,
                    RecurrentDirection& fresh) {
  const size_t old_units = base.hidden(), units = fresh.hidden();
  std::vector<size_t> unit_rows(old_units);
  std::iota(unit_rows.begin(), unit_rows.end(), size_t{0});
  for (size_t gate = 0; gate < gates; ++gate) {
    for (size_t j = 0; j < old_units; ++j) {
      const size_t from = gate * old_units + j, to = gate * units + j;
      put_column(base.weight_ih, from, inputs, fresh.weight_ih.mean, to);
      put_column(base.weight_hh, from, unit_rows, fresh.weight_hh.mean, to);
      fresh.bias.mean(0, to) = base.bias(0, from);
    }
  }
  if (fresh.recurrent_bias) put(base.recurrent_bias, 0, 0, fresh.recurrent_bias->mean);
}

/// The old outputs as columns of the new ones: one logit a class, where there was one for two.
Matrix spread_outputs(const Matrix& old, size_t outputs) {
  if (old.cols() != 1 || outputs == 1) return old;
  Matrix two(old.rows(), 2);
  for (size_t r = 0; r < old.rows(); ++r) {
    two(r, 0) = -0.5f * old(r, 0);
    two(r, 1) = 0.5f * old(r, 0);
  }
  return two;
}

/// Where each old feature of the summary stands in the new one.
std::vector<size_t> summary_rows(const FoldedModel& base, size_t hidden) {
  std::vector<size_t> rows;
  size_t block = 0;
  for (const FoldedDirection& direction : base.layers.back().directions) {
    for (size_t p = 0; p < base.poolings.size(); ++p, ++block) {
      for (size_t j = 0; j < direction.hidden(); ++j) rows.push_back(block * hidden + j);
    }
  }
  return rows;
}

/// Fresh inputs have nothing to say to old units yet. `rows`: where the old inputs stand;
/// afterwards the old units.
void grow_dense(const FoldedDense& base, std::vector<size_t>& rows, DenseLayer& fresh) {
  const size_t units = base.bias.cols();
  for (size_t j = 0; j < units; ++j) put_column(base.weight, j, rows, fresh.weight.mean, j);
  put(base.bias, 0, 0, fresh.bias.mean);
  rows.resize(units);
  std::iota(rows.begin(), rows.end(), size_t{0});
}

/// `rows`: where the old layer's inputs stand.
void grow_output(const FoldedModel& base, std::span<const size_t> rows, Network& network) {
  const size_t outputs = network.output_bias.cols();
  const auto sharpness = static_cast<float>(1.0 / base.temperature);
  Matrix weight = spread_outputs(base.output_weight, outputs);
  Matrix bias = spread_outputs(base.output_bias, outputs);
  scale(sharpness, weight.values());
  scale(sharpness, bias.values());

  network.output_weight.mean.fill(0.0f);
  for (size_t r = 0; r < rows.size(); ++r) {
    std::copy_n(weight.row(r), weight.cols(), network.output_weight.mean.row(rows[r]));
  }
  Matrix& start = network.output_bias.mean;
  // Sigmoids stand each for itself: a new one keeps its own start.
  if (network.output == OutputKind::softmax) {
    std::fill_n(start.row(0), outputs, log_sum_exp(bias.values()) + kNewClassLogit);
  }
  put(bias, 0, 0, start);
}

void check_fits(const Classifier& base, const Classifier& fresh) {
  const GrownPart part = part_of(base);
  if (base.network.cell != fresh.network.cell ||
      base.network.gate_function != fresh.network.gate_function ||
      base.network.layers.size() != fresh.network.layers.size() ||
      base.network.directions().size() != fresh.network.directions().size() ||
      base.network.poolings != fresh.network.poolings ||
      base.shape.dense_layers != fresh.shape.dense_layers ||
      base.several_labels != fresh.several_labels) {
    fail(
        "a model goes on only in a network of the same cell, layers, directions, gates, poolings, "
        "dense layers and kind of labels");
  }
  if (part.words > fresh.shape.words || part.inputs > fresh.shape.embedding ||
      part.hidden > fresh.shape.hidden || base.classes.size() > fresh.classes.size()) {
    fail("a model goes on only in a network that is as large as it");
  }
  if (!std::equal(base.classes.begin(), base.classes.end(), fresh.classes.begin())) {
    fail("a model goes on only with its own classes first");
  }
  for (uint32_t id = 0; id < base.vocabulary.size(); ++id) {
    if (base.vocabulary.ngram(id) != fresh.vocabulary.ngram(id)) {
      fail("a model goes on only with its own n-grams first");
    }
  }
}

}  // namespace

GrownPart part_of(const Classifier& base) {
  GrownPart part{base.network.embedding.rows(), base.network.embedding.cols(), 0};
  for (const RecurrentDirection* direction : base.network.directions()) {
    part.hidden = std::max(part.hidden, direction->hidden());
  }
  return part;
}

bool is_whole_start(const Classifier& base, size_t classes) {
  bool plain = base.classes.size() == classes;
  base.network.for_each_parameter(
      [&](const Parameter& p) { plain = plain && p.posterior->noise() == NoiseKind::none; });
  return plain;
}

Classifier grow(const Classifier& base, Classifier fresh) {
  check_fits(base, fresh);
  const FoldedModel folded = fold(base);
  Network& network = fresh.network;
  grow_embedding(folded, network.embedding.mean);
  for (size_t l = 0; l < network.layers.size(); ++l) {
    const std::vector<size_t> inputs = input_rows(folded, l, fresh.shape.hidden);
    auto& directions = network.layers[l].directions;
    for (size_t d = 0; d < directions.size(); ++d) {
      grow_direction(folded.layers[l].directions[d], inputs, gates_of(network.cell), directions[d]);
    }
  }
  std::vector<size_t> rows = summary_rows(folded, fresh.shape.hidden);
  for (size_t l = 0; l < network.dense_layers.size(); ++l) {
    grow_dense(folded.dense_layers[l], rows, network.dense_layers[l]);
  }
  grow_output(folded, rows, network);
  return fresh;
}

}  // namespace ockham
