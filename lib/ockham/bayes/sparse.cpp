#include "ockham/bayes/sparse.hpp"

namespace ockham {

double Sparse::kl(std::span<const float> mean, std::span<const float> spread) const {
  return sparse_kl(SparseKl::exact, mean, spread);
}

void Sparse::add_kl_gradient(float scale, std::span<const float> mean,
                             std::span<const float> spread, std::span<float> mean_gradient,
                             std::span<float> spread_gradient) const {
  add_sparse_kl_gradient(SparseKl::exact, scale, mean, spread, mean_gradient, spread_gradient);
}

void Sparse::descend(const AdamStep& step, float kl_scale, const AdamTensor& mean,
                     const AdamTensor& spread) const {
  adam_update_sparse(step, SparseKl::exact, kl_scale, mean, spread);
}

}  // namespace ockham
