#include "ockham/train/optimizer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "ockham/tensor/adam_kernels.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// What is pruned is not moved, and its gradient shortens nobody else's step.
void clear_pruned(const Parameter& p, size_t first, std::span<float> gradient) {
  if (p.kept.empty()) return;
  for (size_t i = 0; i < gradient.size(); ++i) {
    gradient[i] = p.kept[first + i] ? gradient[i] : 0.0f;
  }
}

/// Elements of a parameter's gradients that one thread makes ready.
struct GradientPart {
  Parameter* parameter;
  size_t first, count;
};

/// Takes what is pruned out of a part. Returns its squares' sum.
double clear_and_sum_squares(const GradientPart& part) {
  Parameter& p = *part.parameter;
  double squares = 0.0;
  for (Matrix* gradient : {&p.mean_gradient, &p.spread_gradient}) {
    if (gradient->empty()) continue;
    const std::span<float> values = gradient->values().subspan(part.first, part.count);
    clear_pruned(p, part.first, values);
    const bool shared = gradient == &p.spread_gradient && p.sharing != Sharing::weight;
    if (!shared) squares += sum_of_squares(values);
  }
  return squares;
}

/// Takes what is pruned out of the gradients. Returns their squares' sum, of spreads that are
/// shared that of their sums.
double clear_and_sum_squares(Network& network, ThreadPool& pool) {
  constexpr size_t kPart = 16'384;
  std::vector<GradientPart> parts;
  network.for_each_parameter([&](Parameter& p) {
    for (size_t first = 0; first < p.mean_gradient.size(); first += kPart) {
      parts.push_back({&p, first, std::min(kPart, p.mean_gradient.size() - first)});
    }
  });
  std::vector<double> sums(parts.size());
  pool.for_each(parts.size(), [&](size_t i) { sums[i] = clear_and_sum_squares(parts[i]); });
  double squares = std::accumulate(sums.begin(), sums.end(), 0.0);
  network.for_each_parameter([&](const Parameter& p) {
    if (p.sharing == Sharing::weight) return;
    squares += sum_of_squares(p.sum_shared(p.spread_gradient).values());
  });
  return squares;
}

/// PyTorch's clipping: min(1, max_norm / (norm + 1e-6)); 1 where max_norm is 0. What is no number
/// is found in any case.
float clipping(double squares, float max_norm) {
  if (!std::isfinite(squares)) {
    fail("the gradient became infinite or no number; try a lower learning rate, less noise at the ",
         "start or shorter texts");
  }
  if (max_norm <= 0.0f) return 1.0f;
  return static_cast<float>(std::min(1.0, max_norm / (std::sqrt(squares) + 1e-6)));
}

/// A part of a parameter that one thread updates.
struct Piece {
  Parameter* parameter;
  Optimizer::Moments* moments;
  size_t first;
  size_t count;
  float kl_weight;
};

std::span<float> part(Matrix& m, const Piece& piece) {
  return m.empty() ? std::span<float>() : m.values().subspan(piece.first, piece.count);
}

/// The step of a parameter whose spreads are shared: one of them moves by the sum of what its
/// elements say. Posterior::descend in other words.
void descend_shared(const AdamStep& step, const Piece& piece) {
  Parameter& p = *piece.parameter;
  p.posterior->add_kl_gradient(piece.kl_weight / step.gradient_scale, p.mean.values(),
                               p.spread.values(), p.mean_gradient.values(),
                               p.spread_gradient.values());
  Matrix spread = p.shared_spread(), gradient = p.sum_shared(p.spread_gradient);
  p.spread_gradient.fill(0.0f);
  adam_update(step, p.mean.values(), p.mean_gradient.values(), piece.moments->mean1.values(),
              piece.moments->mean2.values());
  adam_update(step, spread.values(), gradient.values(), piece.moments->spread1.values(),
              piece.moments->spread2.values());
  p.posterior->project(p.mean.values(), spread.values());
  p.set_shared_spread(spread);
}

/// Cuts the parameters into pieces; one with shared spreads stays whole.
std::vector<Piece> cut(Network& network, std::vector<Optimizer::Moments>& moments, float kl_weight,
                       float group_kl) {
  constexpr size_t kPiece = 16384;
  std::vector<Piece> pieces;
  size_t next = 0;
  network.for_each_parameter([&](Parameter& p) {
    Optimizer::Moments& of_p = moments[next++];
    const float group = is_multiplier(network, p) ? group_kl : 1.0f;
    const float weight = group * static_cast<float>(p.kl_share()) * kl_weight;
    const size_t size = p.sharing == Sharing::weight ? kPiece : p.mean.size();
    for (size_t first = 0; first < p.mean.size(); first += size) {
      pieces.push_back({&p, &of_p, first, std::min(size, p.mean.size() - first), weight});
    }
  });
  return pieces;
}

}  // namespace

Optimizer::Optimizer(const Network& network) {
  network.for_each_parameter([&](const Parameter& p) {
    const auto like = [](const Matrix& m) { return Matrix(m.rows(), m.cols()); };
    const bool has_spread = p.posterior && p.posterior->has_spread();  // none: not made yet
    const Matrix spread = has_spread ? p.shared_spread() : Matrix();
    moments_.push_back(
        {like(p.mean), like(p.mean), like(spread), like(spread), has_spread, p.sharing});
  });
}

void Optimizer::step(Network& network, const OptimizerSettings& settings, float kl_weight,
                     ThreadPool& pool) {
  const uint64_t step = steps_ + 1;  // counted once nothing can refuse it
  AdamStep adam{settings.learning_rate, settings.beta1, settings.beta2, settings.epsilon};
  const auto correction = [&](float beta) {
    return static_cast<float>(1.0 / (1.0 - std::pow(double{beta}, static_cast<double>(step))));
  };
  adam.correction1 = correction(settings.beta1);
  adam.correction2 = correction(settings.beta2);
  network.for_each_parameter([&](Parameter& p) {
    if (kl_weight > 0.0f && !p.kept.empty()) {
      fail(p.path, " has pruned elements: it can be fine-tuned, but not with a KL");
    }
  });
  adam.gradient_scale = clipping(clear_and_sum_squares(network, pool), settings.max_norm);
  steps_ = step;

  std::vector<Piece> pieces = cut(network, moments_, kl_weight, settings.group_kl);
  pool.for_each(pieces.size(), [&](size_t i) {
    const Piece& piece = pieces[i];
    Parameter& p = *piece.parameter;
    if (p.sharing != Sharing::weight && p.posterior->has_spread()) {
      descend_shared(adam, piece);
      return;
    }
    p.posterior->descend(
        adam, piece.kl_weight,
        {part(p.mean, piece), part(p.mean_gradient, piece), part(piece.moments->mean1, piece),
         part(piece.moments->mean2, piece)},
        {part(p.spread, piece), part(p.spread_gradient, piece), part(piece.moments->spread1, piece),
         part(piece.moments->spread2, piece)});
  });
}

void Optimizer::compact(std::span<const Selection> selections) {
  constexpr std::array<uint32_t, 1> kFirst{0};
  for (size_t i = 0; i < moments_.size(); ++i) {
    Moments& moments = moments_[i];
    const std::span<const uint32_t> rows = selections[i].rows, columns = selections[i].columns;
    for (Matrix* m : {&moments.mean1, &moments.mean2}) *m = select_elements(*m, rows, columns);
    if (!moments.has_spread) continue;
    // Of what is shared the first is left, as long as there is anything.
    const auto first = [&](std::span<const uint32_t> kept) {
      return std::span<const uint32_t>(kFirst).first(std::min<size_t>(1, kept.size()));
    };
    const bool one_row = moments.sharing == Sharing::column || moments.sharing == Sharing::layer;
    const bool one_column = moments.sharing == Sharing::row || moments.sharing == Sharing::layer;
    for (Matrix* m : {&moments.spread1, &moments.spread2}) {
      *m = select_elements(*m, one_row ? first(rows) : rows, one_column ? first(columns) : columns);
    }
  }
}

}  // namespace ockham
