#include "ockham/nn/network_pass.hpp"

#include <algorithm>
#include <numeric>

#include "ockham/tensor/kernels.hpp"

namespace ockham {

/// One direction's draw, tape and gradients.
struct NetworkPass::Direction {
  Direction(const LstmDirection& parameters, const TokenBatch& batch, const PackedBatch& packed,
            const NoiseSource* noise, size_t first_feature_in, size_t poolings)
      : hidden(parameters.hidden()),
        gates(padded_blocks(kLstmGates, hidden)),
        units(padded_blocks(1, hidden)),
        first_feature(first_feature_in),
        tape(batch.words.size(), gates.stride),
        choices(packed.slices.size() * poolings),
        bias_gradients(packed.slices.size(), Matrix(1, gates.wide())) {
    recurrent = draw_product(
        parameters.weight_hh,
        {.columns = gates, .rows = gates.stride, .slices = packed.slices.size(), .over_time = true},
        {batch.texts, {}}, noise);
    bias = widen(parameters.bias.mean, gates, 1);
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

  LstmDraw draw() const { return {recurrent.get(), bias, z_gates, z_units}; }

  /// Brings what the slices left behind to the parameters.
  void finish(LstmDirection& parameters) {
    recurrent->finish(parameters.weight_hh);
    for (const Matrix& slice : bias_gradients) {
      add_narrowed(slice, gates, parameters.bias.mean_gradient);
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

  size_t hidden;
  BlockedColumns gates;  // 4 blocks of `hidden`, padded
  BlockedColumns units;
  size_t first_feature;  // where this direction starts in the summary
  std::unique_ptr<Product> recurrent;
  Matrix bias;
  std::optional<MultiplierSample> gate_sample;
  std::optional<MultiplierSample> unit_sample;
  Matrix z_gates;
  Matrix z_units;
  LstmTape tape;
  std::vector<PoolingChoice> choices;  // for each slice and pooling
  Matrix output_gradient;              // dL/dy, packed
  std::vector<Matrix> bias_gradients;  // for each slice
  Matrix z_gates_gradient;
  Matrix z_units_gradient;
};

NetworkPass::NetworkPass(const Network& network, const TokenBatch& batch, const NoiseSource* noise,
                         ThreadPool& pool)
    : batch_(batch),
      packed_(batch),
      projection_(network, batch, noise, pool),
      poolings_(network.poolings),
      all_sequences_(batch.size()),
      summary_(batch.size(), network.summary()),
      logits_(batch.size(), network.output_weight.cols()) {
  std::iota(all_sequences_.begin(), all_sequences_.end(), 0u);
  size_t feature = 0;
  for (const LstmDirection& direction : network.directions) {
    directions_.push_back(
        std::make_unique<Direction>(direction, batch, packed_, noise, feature, poolings_.size()));
    feature += direction.hidden() * poolings_.size();
  }
  const size_t slices = packed_.slices.size();
  pool.for_each(directions_.size() * slices, [&](size_t i) {
    const size_t d = i / slices;
    const Slice& slice = packed_.slices[i % slices];
    LstmTape& tape = directions_[d]->tape;
    projection_.gather(packed_, d, slice.first_row(), slice.rows(), tape.sums);
    lstm_forward(directions_[d]->draw(), slice, tape);
    pool_outputs(network, d, slice, i % slices);
  });
  // logits = summary W + b
  const size_t outputs = network.output_weight.cols();
  output_ = draw_product(network.output_weight,
                         {.columns = {1, outputs, outputs}, .rows = network.output_weight.rows()},
                         {batch.texts, {}}, noise);
  for (size_t b = 0; b < batch.size(); ++b) {
    std::copy_n(network.output_bias.mean.data(), outputs, logits_.row(b));
  }
  output_->multiply(summary_, all_sequences_, logits_, Accumulate::yes);
}

NetworkPass::~NetworkPass() = default;

void NetworkPass::pool_outputs(const Network& network, size_t d, const Slice& slice,
                               size_t slice_number) {
  Direction& direction = *directions_[d];
  for (size_t p = 0; p < network.poolings.size(); ++p) {
    pool_forward(network.poolings[p], slice, direction.tape.output, d == 1,
                 summary_.view().column_range(direction.first_feature + p * direction.hidden,
                                              direction.hidden),
                 direction.choices[slice_number * network.poolings.size() + p]);
  }
}

void NetworkPass::backward_slice(size_t d, size_t slice_number, ConstMatrixView dsummary) {
  Direction& direction = *directions_[d];
  const Slice& slice = packed_.slices[slice_number];
  for (size_t p = 0; p < poolings_.size(); ++p) {
    pool_backward(
        poolings_[p], slice,
        dsummary.column_range(direction.first_feature + p * direction.hidden, direction.hidden),
        direction.choices[slice_number * poolings_.size() + p], direction.output_gradient);
  }
  lstm_backward(direction.draw(), *direction.recurrent, slice_number, slice, direction.tape,
                {.output = direction.output_gradient,
                 .bias = direction.bias_gradients[slice_number].data(),
                 .z_gates = direction.z_gates_gradient,
                 .z_units = direction.z_units_gradient});
}

void NetworkPass::backward(Network& network, ConstMatrixView dlogits, ThreadPool& pool) {
  for (size_t b = 0; b < dlogits.rows; ++b) {
    add_scaled(1.0f, dlogits.row_span(b), network.output_bias.mean_gradient.values());
  }
  Matrix dsummary(summary_.rows(), summary_.cols());
  output_->multiply_transposed(summary_, dlogits, all_sequences_, dsummary, Accumulate::no);
  output_->add_gradient(0, summary_, dlogits, all_sequences_);
  output_->finish(network.output_weight);

  for (auto& direction : directions_) {
    direction->output_gradient = Matrix(batch_.words.size(), direction->gates.stride);
    direction->z_gates_gradient = Matrix(batch_.size(), direction->gates.wide());
    direction->z_units_gradient = Matrix(batch_.size(), direction->units.wide());
  }
  const size_t slices = packed_.slices.size();
  pool.for_each(directions_.size() * slices,
                [&](size_t i) { backward_slice(i / slices, i % slices, dsummary); });

  std::vector<const Matrix*> sums_gradients;
  for (size_t d = 0; d < directions_.size(); ++d) {
    directions_[d]->finish(network.directions[d]);
    sums_gradients.push_back(&directions_[d]->tape.sums);
  }
  projection_.backward(network, packed_, sums_gradients, pool);
}

}  // namespace ockham
