#include "ockham/nn/next_word_pass.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

constexpr size_t kRowsAtOnce = 128;  // whose scores stay in the second-level cache
constexpr uint32_t kNone = UINT32_MAX;
constexpr const char* kPart = "next words";  // of a profile

/// The word that each token is to predict, or kNone at the end that a direction reads last.
std::vector<uint32_t> targets_of(const TokenBatch& batch, bool reverse) {
  std::vector<uint32_t> targets(batch.words.size(), kNone);
  for (size_t b = 0; b < batch.size(); ++b) {
    for (size_t i = batch.offsets[b]; i + 1 < batch.offsets[b + 1]; ++i) {
      (reverse ? targets[i + 1] : targets[i]) = batch.words[reverse ? i : i + 1];
    }
  }
  return targets;
}

}  // namespace

/// Of one direction: what it is to say, its loss, and gradients of the mean loss.
struct NextWordPass::Direction {
  std::vector<uint32_t> targets;           // [tokens of the batch]
  std::vector<double> losses;              // of each slice, summed
  Matrix output_gradient;                  // dL/dy, packed [tokens, >= hidden]
  std::vector<float> target_gradient;      // dL/d<y, e_t>, packed [tokens]
  std::vector<Matrix> negative_gradients;  // dL/de_n of each slice [negatives, >= hidden]
};

NextWordPass::NextWordPass(const Network& network, const TokenBatch& batch,
                           std::span<const uint32_t> negatives, ThreadPool& pool,
                           const PassOptions& options)
    : negatives_(negatives),
      stack_(network, batch, nullptr, pool, options),
      precision_(options.precision),
      profile_(options.profile) {
  const size_t dimensions = network.embedding.cols(), slices = stack_.packed().slices.size();
  size_t width = dimensions;
  for (const RecurrentDirection& direction : network.layers.back().directions) {
    if (direction.hidden() != dimensions) {
      fail("a language model's directions need as many units as words have dimensions, ",
           dimensions, ", not ", direction.hidden());
    }
    width = padded_blocks(1, direction.hidden()).stride;
    Direction& d = directions_.emplace_back();
    d.targets = targets_of(batch, directions_.size() == 2);
    d.output_gradient = Matrix(batch.words.size(), width);
    d.target_gradient.assign(batch.words.size(), 0.0f);
    d.negative_gradients.assign(slices, Matrix(negatives.size(), width));
    d.losses.assign(slices, 0.0);
    predictions_ += d.targets.size() - static_cast<size_t>(std::ranges::count(d.targets, kNone));
  }
  Matrix rows(negatives.size(), width);
  for (size_t n = 0; n < negatives.size(); ++n) {
    std::ranges::copy(network.embedding.mean.view().row_span(negatives[n]), rows.row(n));
  }
  negative_rows_ = MatmulWeights(std::move(rows), precision_);
  stack_.forward(network, pool, [&](size_t d, size_t slice) { predict_slice(network, d, slice); });
  for (const Direction& d : directions_) {
    for (const double loss : d.losses) loss_ += loss;
  }
  loss_ /= static_cast<double>(std::max<size_t>(predictions_, 1));
}

NextWordPass::~NextWordPass() = default;

void NextWordPass::predict_slice(const Network& network, size_t d, size_t slice) {
  const Profile::Part part(profile_, kPart);
  const Slice& rows = stack_.packed().slices[slice];
  const size_t end = rows.first_row() + rows.rows();
  for (size_t first = rows.first_row(); first < end; first += kRowsAtOnce) {
    predict_rows(network, d, slice, first, std::min(kRowsAtOnce, end - first));
  }
}

/// Scores of some packed rows become the gradient by them:
///     d<y, e_n> = p_n,   d<y, e_t> = p_t - 1,   p the softmax over the target and the negatives
void NextWordPass::predict_rows(const Network& network, size_t d, size_t slice, size_t first,
                                size_t count) {
  Direction& direction = directions_[d];
  const ConstMatrixView y = stack_.output(d).view().row_range(first, count);
  const float share = 1.0f / static_cast<float>(std::max<size_t>(predictions_, 1));
  Matrix scores(count, negatives_.size() + 1);  // the target's behind the negatives'
  const MatrixView by_negatives = scores.view().column_range(0, negatives_.size());
  negative_rows_.multiply_transposed(y, by_negatives, Accumulate::no);
  for (size_t r = 0; r < count; ++r) {
    const std::span<float> row = scores.view().row_span(r);
    const uint32_t target = direction.targets[stack_.packed().token_at[d][first + r]];
    if (target == kNone) {
      std::ranges::fill(row, 0.0f);
      continue;
    }
    const std::span<const float> e = network.embedding.mean.view().row_span(target);
    row.back() = dot({y.row(r), e.size()}, e);
    for (size_t n = 0; n < negatives_.size(); ++n) {
      if (negatives_[n] == target) row[n] = -std::numeric_limits<float>::max();
    }
    const float sum = log_sum_exp(row);
    direction.losses[slice] += double{sum} - double{row.back()};
    for (float& score : row) score -= sum;
    exponential(row, row);
    row.back() -= 1.0f;
    scale(share, row);
    add_scaled(row.back(), e, {direction.output_gradient.row(first + r), e.size()});
    direction.target_gradient[first + r] = row.back();
  }
  negative_rows_.multiply(by_negatives, direction.output_gradient.view().row_range(first, count),
                          Accumulate::yes);
  matmul_transposed(by_negatives, y, direction.negative_gradients[slice], precision_);
}

void NextWordPass::backward(Network& network, ThreadPool& pool) {
  add_word_gradients(network.embedding.mean_gradient);
  stack_.backward(network, pool, [&](size_t d, size_t slice) {
    const Slice& rows = stack_.packed().slices[slice];
    const MatrixView to = stack_.output_gradient(d);
    for (size_t r = rows.first_row(); r < rows.first_row() + rows.rows(); ++r) {
      std::copy_n(directions_[d].output_gradient.row(r), to.cols, to.row(r));
    }
  });
}

/// dL/de of the words that were to be predicted and of the others.
void NextWordPass::add_word_gradients(Matrix& embedding) const {
  const Profile::Part part(profile_, kPart);
  const size_t dimensions = embedding.cols();
  for (size_t d = 0; d < directions_.size(); ++d) {
    const Direction& direction = directions_[d];
    for (const Matrix& gradients : direction.negative_gradients) {
      for (size_t n = 0; n < negatives_.size(); ++n) {
        add_scaled(1.0f, {gradients.row(n), dimensions}, embedding.view().row_span(negatives_[n]));
      }
    }
    for (size_t row = 0; row < direction.target_gradient.size(); ++row) {
      const uint32_t target = direction.targets[stack_.packed().token_at[d][row]];
      if (target == kNone) continue;
      add_scaled(direction.target_gradient[row], {stack_.output(d).row(row), dimensions},
                 embedding.view().row_span(target));
    }
  }
}

}  // namespace ockham
