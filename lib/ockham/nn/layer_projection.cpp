#include "ockham/nn/layer_projection.hpp"

#include <algorithm>

#include "ockham/tensor/indices.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// 0 or 1 / (1 - rate) for each sequence and unit. Units keep the numbers that they draw by when
/// others leave.
Matrix draw_mask(const RecurrentDirection& direction, const TokenBatch& batch,
                 const LayerDropout& dropout) {
  Matrix mask(batch.size(), direction.hidden());
  dropout.noise->matrix(NoiseKind::uniform, direction.weight_hh.id | kLayerDropoutMask, batch.texts,
                        direction.weight_hh.row_ids, mask);
  const float kept = 1.0f / (1.0f - dropout.rate);
  for (float& m : mask.values()) m = m < dropout.rate ? 0.0f : kept;
  return mask;
}

std::vector<Matrix> draw_masks(const RecurrentLayer& below, const TokenBatch& batch,
                               const LayerDropout& dropout) {
  std::vector<Matrix> masks;
  if (!dropout.drops()) return masks;
  for (const RecurrentDirection& direction : below.directions) {
    masks.push_back(draw_mask(direction, batch, dropout));
  }
  return masks;
}

std::vector<size_t> column_begins(const RecurrentLayer& below) {
  std::vector<size_t> begins{0};
  for (const RecurrentDirection& d : below.directions) begins.push_back(begins.back() + d.hidden());
  return begins;
}

}  // namespace

LayerProjection::LayerProjection(const RecurrentLayer& layer, const RecurrentLayer& below,
                                 Cell cell, const TokenBatch& batch, const PackedBatch& packed,
                                 std::span<const Matrix* const> outputs, const NoiseSource* noise,
                                 const PassOptions& options, ThreadPool& pool)
    : columns_(column_begins(below)),
      masks_(draw_masks(below, batch, options.dropout)),
      inputs_(batch.words.size(), columns_.back()),
      products_(layer, cell, draws_of_inputs(batch, input_scope(layer, noise)),
                input_scope(layer, noise) != NoiseScope::row, noise, options.precision) {
  const size_t tokens = batch.words.size();
  rows_ = input_scope(layer, noise) == NoiseScope::row ? counting(tokens) : packed.sequence_of;
  pool.for_each(InputProducts::kParts, [&](size_t i) {
    const RowPart part = row_part(tokens, i);
    for (size_t token = part.first; token < part.first + part.count; ++token) {
      for (size_t d = 0; d < outputs.size(); ++d) {
        const size_t units = columns_[d + 1] - columns_[d];
        const std::span x(inputs_.row(token) + columns_[d], units);
        std::copy_n(outputs[d]->row(packed.row_of[d][token]), units, x.begin());
        if (!masks_.empty()) {
          multiply(masks_[d].view().row_span(packed.sequence_of[token]), x);
        }
      }
    }
  });
  projected_ = products_.multiply(inputs_, rows_, pool);
}

void LayerProjection::gather(const PackedBatch& packed, size_t direction, size_t first,
                             size_t count, MatrixView sums) const {
  const ConstMatrixView table =
      projected_.view().column_range(products_.first_column(direction), products_.width(direction));
  const auto tokens = std::span(packed.token_at[direction]).subspan(first, count);
  gather_rows(table, tokens, {}, sums.row_range(first, count));
}

void LayerProjection::backward(RecurrentLayer& layer, const PackedBatch& packed,
                               std::span<const Matrix* const> sums_gradients,
                               std::span<Matrix* const> output_gradients, ThreadPool& pool) {
  Matrix dp(projected_.rows(), projected_.cols());
  pool.for_each(InputProducts::kParts, [&](size_t i) {
    const RowPart part = row_part(dp.rows(), i);
    for (size_t d = 0; d < products_.directions(); ++d) {
      gather_rows(*sums_gradients[d], std::span(packed.row_of[d]).subspan(part.first, part.count),
                  {},
                  dp.view()
                      .row_range(part.first, part.count)
                      .column_range(products_.first_column(d), products_.width(d)));
    }
  });
  Matrix dx = products_.backward(inputs_, dp, rows_, pool);
  products_.finish(layer);
  pool.for_each(InputProducts::kParts, [&](size_t i) {
    const RowPart part = row_part(dx.rows(), i);
    for (size_t token = part.first; token < part.first + part.count; ++token) {
      for (size_t d = 0; d < output_gradients.size(); ++d) {
        const size_t units = columns_[d + 1] - columns_[d];
        const std::span g(dx.row(token) + columns_[d], units);
        if (!masks_.empty()) {
          multiply(masks_[d].view().row_span(packed.sequence_of[token]), g);
        }
        float* dy = output_gradients[d]->row(packed.row_of[d][token]);
        for (size_t j = 0; j < units; ++j) dy[j] += g[j];
      }
    }
  });
}

}  // namespace ockham
