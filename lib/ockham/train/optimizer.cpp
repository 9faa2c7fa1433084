#include "ockham/train/optimizer.hpp"

#include <algorithm>
#include <cmath>

#include "ockham/tensor/adam_kernels.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// What is pruned stays at 0, and its gradient shortens nobody else's step.
void clear_pruned_gradients(Parameter& p) {
  for (size_t i = 0; i < p.kept.size(); ++i) {
    if (!p.kept[i]) p.mean_gradient.values()[i] = 0.0f;
  }
}

/// PyTorch's clipping: min(1, max_norm / (norm + 1e-6)).
float clipping(const Network& network, float max_norm) {
  if (max_norm <= 0.0f) return 1.0f;
  double squares = 0.0;
  network.for_each_parameter([&](const Parameter& p) {
    squares += sum_of_squares(p.mean_gradient.values());
    squares += sum_of_squares(p.spread_gradient.values());
  });
  return static_cast<float>(std::min(1.0, max_norm / (std::sqrt(squares) + 1e-6)));
}

/// A part of a parameter that one thread updates.
struct Piece {
  Parameter* parameter;
  Optimizer::Moments* moments;
  size_t first;
  size_t count;
};

std::span<float> part(Matrix& m, const Piece& piece) {
  return m.empty() ? std::span<float>() : m.values().subspan(piece.first, piece.count);
}

}  // namespace

Optimizer::Optimizer(const Network& network) {
  network.for_each_parameter([&](const Parameter& p) {
    const auto like = [](const Matrix& m) { return Matrix(m.rows(), m.cols()); };
    moments_.push_back({like(p.mean), like(p.mean), like(p.spread), like(p.spread)});
  });
}

void Optimizer::step(Network& network, const OptimizerSettings& settings, float kl_weight,
                     ThreadPool& pool) {
  constexpr size_t kPiece = 16384;
  ++steps_;
  AdamStep adam{settings.learning_rate, settings.beta1, settings.beta2, settings.epsilon};
  const auto correction = [&](float beta) {
    return static_cast<float>(1.0 / (1.0 - std::pow(double{beta}, static_cast<double>(steps_))));
  };
  adam.correction1 = correction(settings.beta1);
  adam.correction2 = correction(settings.beta2);
  network.for_each_parameter(clear_pruned_gradients);
  adam.gradient_scale = clipping(network, settings.max_norm);

  std::vector<Piece> pieces;
  size_t next = 0;
  network.for_each_parameter([&](Parameter& p) {
    Moments& moments = moments_[next++];
    for (size_t first = 0; first < p.mean.size(); first += kPiece) {
      pieces.push_back({&p, &moments, first, std::min(kPiece, p.mean.size() - first)});
    }
  });
  pool.for_each(pieces.size(), [&](size_t i) {
    const Piece& piece = pieces[i];
    Parameter& p = *piece.parameter;
    p.posterior->descend(
        adam, kl_weight,
        {part(p.mean, piece), part(p.mean_gradient, piece), part(piece.moments->mean1, piece),
         part(piece.moments->mean2, piece)},
        {part(p.spread, piece), part(p.spread_gradient, piece), part(piece.moments->spread1, piece),
         part(piece.moments->spread2, piece)});
  });
}

void Optimizer::compact(std::span<const Selection> selections) {
  for (size_t i = 0; i < moments_.size(); ++i) {
    for (Matrix* m :
         {&moments_[i].mean1, &moments_[i].mean2, &moments_[i].spread1, &moments_[i].spread2}) {
      if (!m->empty()) *m = select_elements(*m, selections[i].rows, selections[i].columns);
    }
  }
}

}  // namespace ockham
