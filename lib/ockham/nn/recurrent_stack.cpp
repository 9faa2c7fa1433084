#include "ockham/nn/recurrent_stack.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
#include <utility>

#include "ockham/nn/recurrent.hpp"

namespace ockham {
namespace {

// Parts of a profile.
constexpr const char* kInputPart = "input products, forward";
constexpr const char* kInputBackPart = "input products, backward";
constexpr const char* kRecurrencePart = "recurrence, forward";
constexpr const char* kRecurrenceBackPart = "recurrence, backward";

}  // namespace

/// One direction's draw, tape and gradients.
struct RecurrentStack::Direction {
  Direction(const Network& network, const RecurrentDirection& parameters, const TokenBatch& batch,
            const PackedBatch& packed)
      : cell(network.cell),
        gate_function(network.gate_function),
        hidden(parameters.hidden()),
        gates(padded_blocks(gates_of(cell), hidden)),
        units(padded_blocks(1, hidden)),
        tape(cell, batch.words.size(), gates.stride),
        bias_gradients(packed.slices.size(), Matrix(1, gates.wide())) {}

  void take_draws(const RecurrentDirection& parameters, const TokenBatch& batch,
                  const PackedBatch& packed, const NoiseSource* noise, Precision precision) {
    recurrent = draw_product(parameters.weight_hh,
                             {.columns = gates,
                              .rows = gates.stride,
                              .slices = packed.slices.size(),
                              .over_time = true,
                              .precision = precision},
                             {batch.texts, {}}, noise);
    bias = widen(parameters.bias.mean, gates, 1);
    if (parameters.recurrent_bias) {
      recurrent_bias = widen(parameters.recurrent_bias->mean, units, 1);
      recurrent_bias_gradients.assign(packed.slices.size(), Matrix(1, units.wide()));
    }
    const auto multipliers = [&](const std::optional<Parameter>& parameter,
                                 const BlockedColumns& columns,
                                 std::optional<MultiplierSample>& sample) {
      if (!parameter) return Matrix(batch.size(), columns.wide(), 1.0f);
      sample.emplace(*parameter, batch.texts, noise);
      return widen(sample->values(), columns, batch.size());
    };
    z_gates = multipliers(parameters.gate_multiplier, gates, gate_sample);
    z_units = multipliers(parameters.unit_multiplier, units, unit_sample);
  }

  RecurrentDraw draw() const {
    return {.cell = cell,
            .recurrent = recurrent.get(),
            .bias = bias,
            .recurrent_bias = recurrent_bias,
            .z_gates = z_gates,
            .z_units = z_units,
            .gate_function = gate_function};
  }

  void start_gradients(const TokenBatch& batch) {
    output_gradient.reshape(batch.words.size(), gates.stride);
    z_gates_gradient = Matrix(batch.size(), gates.wide());
    z_units_gradient = Matrix(batch.size(), units.wide());
  }

  /// On the thread that will add to them, and in its cache: clearing all at once by one thread took
  /// 3% of a default training.
  void clear_output_gradient(const Slice& slice) {
    std::fill_n(output_gradient.row(slice.first_row()), slice.rows() * output_gradient.cols(),
                0.0f);
  }

  void backward(const Slice& slice, size_t slice_number) {
    const bool has_recurrent_bias = !recurrent_bias_gradients.empty();
    recurrent_backward(
        draw(), *recurrent, slice_number, slice, tape,
        {.output = output_gradient,
         .bias = bias_gradients[slice_number].data(),
         .recurrent_bias =
             has_recurrent_bias ? recurrent_bias_gradients[slice_number].data() : nullptr,
         .z_gates = z_gates_gradient,
         .z_units = z_units_gradient});
  }

  /// Brings what the slices left behind to the parameters.
  void finish(RecurrentDirection& parameters) {
    recurrent->finish(parameters.weight_hh);
    for (const Matrix& slice : bias_gradients) {
      add_narrowed(slice, gates, parameters.bias.mean_gradient);
    }
    for (const Matrix& slice : recurrent_bias_gradients) {
      add_narrowed(slice, units, parameters.recurrent_bias->mean_gradient);
    }
    const auto add_multiplier = [](std::optional<Parameter>& parameter,
                                   const std::optional<MultiplierSample>& sample,
                                   const Matrix& wide, const BlockedColumns& columns) {
      if (!parameter) return;
      Matrix narrow(wide.rows(), columns.narrow());
      add_narrowed(wide, columns, narrow);
      sample->add_gradient(*parameter, narrow);
    };
    add_multiplier(parameters.gate_multiplier, gate_sample, z_gates_gradient, gates);
    add_multiplier(parameters.unit_multiplier, unit_sample, z_units_gradient, units);
  }

  Cell cell;
  GateFunction gate_function;
  size_t hidden;
  BlockedColumns gates;  // blocks of `hidden`, padded
  BlockedColumns units;
  std::unique_ptr<Product> recurrent;
  Matrix bias;
  Matrix recurrent_bias;
  std::optional<MultiplierSample> gate_sample;
  std::optional<MultiplierSample> unit_sample;
  Matrix z_gates;
  Matrix z_units;
  RecurrentTape tape;
  Matrix output_gradient;              // dL/dy, packed
  std::vector<Matrix> bias_gradients;  // for each slice
  std::vector<Matrix> recurrent_bias_gradients;
  Matrix z_gates_gradient;
  Matrix z_units_gradient;
};

struct RecurrentStack::Layer {
  std::optional<LayerProjection> projection;  // the first layer reads words instead
  std::vector<std::unique_ptr<Direction>> directions;

  template <typename Member>
  auto each(const Member& member) const {
    std::vector<decltype(member(*directions[0]))> all;
    for (const auto& direction : directions) all.push_back(member(*direction));
    return all;
  }
  std::vector<const Matrix*> outputs() const {
    return each([](const Direction& d) { return &d.tape.output; });
  }
  std::vector<const Matrix*> sums_gradients() const {
    return each([](const Direction& d) { return &d.tape.sums; });
  }
  std::vector<Matrix*> output_gradients() const {
    return each([](Direction& d) { return &d.output_gradient; });
  }
};

RecurrentStack::RecurrentStack(const Network& network, const TokenBatch& batch,
                               const NoiseSource* noise, ThreadPool& pool,
                               const PassOptions& options)
    : batch_(batch),
      noise_(noise),
      options_(options),
      own_layout_(options.layout == nullptr ? std::make_unique<BatchLayout>(network, batch, noise)
                                            : nullptr),
      layout_(own_layout_ ? *own_layout_ : *options.layout) {
  assert(packed().sequence_of.size() == batch.words.size());
  assert(layout_.scope == BatchLayout::word_scope(network, noise));
  const Profile::Part part(options_.profile, kInputPart);
  projection_.emplace(network, batch, layout_, noise, pool, options.precision);
}

RecurrentStack::~RecurrentStack() = default;

size_t RecurrentStack::directions() const {
  return layers_.back().directions.size();
}

const Matrix& RecurrentStack::output(size_t direction) const {
  return layers_.back().directions[direction]->tape.output;
}

MatrixView RecurrentStack::output_gradient(size_t direction) {
  return layers_.back().directions[direction]->output_gradient;
}

void RecurrentStack::forward(const Network& network, ThreadPool& pool, const SliceWork& after_top) {
  const Profile::Part part(options_.profile, kRecurrencePart);
  layers_.resize(network.layers.size());
  for (size_t l = 0; l < layers_.size(); ++l) {
    draw_directions(network, l, pool);
    if (l > 0) {
      layers_[l].projection.emplace(network.layers[l], network.layers[l - 1], network.cell, batch_,
                                    packed(), layers_[l - 1].outputs(), noise_, options_, pool);
    }
    run_layer(l, pool, after_top);
  }
}

void RecurrentStack::draw_directions(const Network& network, size_t l, ThreadPool& pool) {
  const std::vector<RecurrentDirection>& parameters = network.layers[l].directions;
  auto& directions = layers_[l].directions;
  for (const RecurrentDirection& direction : parameters) {
    directions.push_back(std::make_unique<Direction>(network, direction, batch_, packed()));
  }
  pool.for_each(directions.size(), [&](size_t d) {
    directions[d]->take_draws(parameters[d], batch_, packed(), noise_, options_.precision);
  });
}

void RecurrentStack::run_layer(size_t l, ThreadPool& pool, const SliceWork& after_top) {
  const size_t slices = packed().slices.size();
  const Layer& layer = layers_[l];
  pool.for_each(layer.directions.size() * slices, [&](size_t i) {
    const size_t d = i / slices;
    const Slice& slice = packed().slices[i % slices];
    RecurrentTape& tape = layer.directions[d]->tape;
    RecurrentDraw draw = layer.directions[d]->draw();
    draw.bring_inputs = [&](size_t first, size_t count) {
      if (layer.projection) {
        layer.projection->gather(packed(), d, first, count, tape.sums);
      } else {
        projection_->gather(d, first, count, tape.sums);
      }
    };
    recurrent_forward(draw, slice, tape);
    if (l + 1 == layers_.size()) after_top(d, i % slices);
  });
}

void RecurrentStack::backward(Network& network, ThreadPool& pool, const SliceWork& before_top) {
  run_layers_back(network, pool, before_top);
  const Profile::Part part(options_.profile, kInputBackPart);
  projection_->backward(network, layers_[0].sums_gradients(), pool);
}

void RecurrentStack::run_layers_back(Network& network, ThreadPool& pool,
                                     const SliceWork& before_top) {
  const Profile::Part part(options_.profile, kRecurrenceBackPart);
  const size_t slices = packed().slices.size();
  for (const Layer& layer : layers_) {
    for (const auto& direction : layer.directions) direction->start_gradients(batch_);
    if (&layer == &layers_.back()) continue;  // run_layer_back() does it
    pool.for_each(layer.directions.size() * slices, [&](size_t i) {
      layer.directions[i / slices]->clear_output_gradient(packed().slices[i % slices]);
    });
  }
  for (size_t l = layers_.size(); l-- > 0;) {
    run_layer_back(l, pool, before_top);
    Layer& layer = layers_[l];
    pool.for_each(layer.directions.size(),
                  [&](size_t d) { layer.directions[d]->finish(network.layers[l].directions[d]); });
    if (l > 0) {
      layer.projection->backward(network.layers[l], packed(), layer.sums_gradients(),
                                 layers_[l - 1].output_gradients(), pool);
    }
  }
}

void RecurrentStack::run_layer_back(size_t l, ThreadPool& pool, const SliceWork& before_top) {
  const size_t slices = packed().slices.size();
  pool.for_each(layers_[l].directions.size() * slices, [&](size_t i) {
    const size_t d = i / slices, slice_number = i % slices;
    if (l + 1 == layers_.size()) {
      layers_[l].directions[d]->clear_output_gradient(packed().slices[slice_number]);
      before_top(d, slice_number);
    }
    layers_[l].directions[d]->backward(packed().slices[slice_number], slice_number);
  });
}

}  // namespace ockham
