#include "ockham/bayes/sparse_fitted.hpp"

namespace ockham {

double SparseFitted::kl(std::span<const float> mean, std::span<const float> spread) const {
  return sparse_kl(SparseKl::fitted, mean, spread);
}

void SparseFitted::add_kl_gradient(float scale, std::span<const float> mean,
                                   std::span<const float> spread, std::span<float> mean_gradient,
                                   std::span<float> spread_gradient) const {
  add_sparse_kl_gradient(SparseKl::fitted, scale, mean, spread, mean_gradient, spread_gradient);
}

void SparseFitted::descend(const AdamStep& step, float kl_scale, const AdamTensor& mean,
                           const AdamTensor& spread) const {
  adam_update_sparse(step, SparseKl::fitted, kl_scale, mean, spread);
}

}  // namespace ockham
