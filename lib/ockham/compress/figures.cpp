#include "ockham/compress/figures.hpp"

#include <algorithm>

#include "ockham/nn/lstm.hpp"

namespace ockham {
namespace {

size_t count_kept(const Parameter& p) {
  const auto mask = p.keep_mask();
  return static_cast<size_t>(std::count(mask.begin(), mask.end(), uint8_t{1}));
}

size_t dense_weights(const NetworkShape& shape) {
  const size_t directions = shape.bidirectional ? 2 : 1;
  const size_t recurrent = kLstmGates * shape.hidden * (shape.embedding + shape.hidden);
  const size_t summary = directions * shape.hidden * shape.poolings.size();
  return shape.words * shape.embedding + directions * recurrent + summary * shape.outputs;
}

}  // namespace

CompressionFigures compression_figures(const NetworkShape& dense, const Network& network) {
  CompressionFigures figures;
  figures.weights_total = dense_weights(dense);
  figures.words_kept = network.embedding.rows();
  figures.inputs_kept = network.embedding.cols();
  figures.embedding_weights = count_kept(network.embedding);
  figures.output_weights = count_kept(network.output_weight);
  for (const LstmDirection& direction : network.directions) {
    figures.units_kept += direction.hidden();
    figures.recurrent_weights += count_kept(direction.weight_ih) + count_kept(direction.weight_hh);
    const auto ih = direction.weight_ih.keep_mask(), hh = direction.weight_hh.keep_mask();
    size_t gates = 0;
    const size_t columns = direction.weight_ih.cols();
    for (size_t c = 0; c < columns; ++c) {
      bool any = false;
      for (size_t r = 0; r < direction.weight_ih.rows(); ++r) any |= ih[r * columns + c] != 0;
      for (size_t r = 0; r < direction.weight_hh.rows(); ++r) any |= hh[r * columns + c] != 0;
      gates += any;
    }
    figures.gates_kept += gates;
    const auto hidden = static_cast<double>(direction.hidden());
    figures.flops_per_token += 2.0 * hidden * static_cast<double>(gates) + 30.0 * hidden;
  }
  figures.weights_kept =
      figures.embedding_weights + figures.recurrent_weights + figures.output_weights;
  figures.compression = static_cast<double>(figures.weights_total) /
                        static_cast<double>(std::max<size_t>(1, figures.weights_kept));
  return figures;
}

}  // namespace ockham
