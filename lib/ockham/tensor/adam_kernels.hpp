#pragma once

#include <span>

namespace ockham {

/// One step of Adam (Kingma & Ba 2015) for one tensor: bias corrections 1 / (1 - beta^t) are
/// worked out once a step by the caller.
struct AdamStep {
  float learning_rate = 1e-3f;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  float correction1 = 1.0f;     ///< 1 / (1 - beta1^t)
  float correction2 = 1.0f;     ///< 1 / (1 - beta2^t)
  float gradient_scale = 1.0f;  ///< every gradient is multiplied by this first (norm clipping)
};

/// value -= step of Adam for `gradient`, which is set to 0 for the next mini-batch.
/// All spans have one length.
void adam_update(const AdamStep& step, std::span<float> value, std::span<float> gradient,
                 std::span<float> moment1, std::span<float> moment2);

/// What the fused kernel works on: a mean or a log standard deviation with its gradient and
/// moments.
struct AdamTensor {
  std::span<float> value;
  std::span<float> gradient;
  std::span<float> moment1;
  std::span<float> moment2;
};

/// How KL(N(m, s^2) || log-uniform), which has no closed form, is worked out. It is a function of
/// m / s alone: dKL/dlog s = -m dKL/dm.
enum class SparseKl {
  /// u = m^2 / (2 s^2),   KL = u 2F2(1, 1; 3/2, 2; -u),   dKL/dm = (m / s^2) R(u)
  exact,
  /// As Molchanov, Ashukha & Vetrov (2017) fit it: bayes/sparse_fitted.hpp
  fitted,
};

/// log s^2 - log m^2 beyond which the fitted KL does not change.
constexpr float kLargestFittedLogAlpha = 8.0f;

/// Sparse variational dropout in one pass over memory: adds kl_scale times the KL's gradient to
/// both (already scaled) data gradients and takes Adam's step on both. Clears the gradients.
void adam_update_sparse(const AdamStep& step, SparseKl form, float kl_scale, const AdamTensor& mean,
                        const AdamTensor& log_sigma);

/// The KL, summed over all elements (double across chunks).
double sparse_kl(SparseKl form, std::span<const float> mean, std::span<const float> log_sigma);

/// Adds scale * dKL to both gradients (the unfused form of the above).
void add_sparse_kl_gradient(SparseKl form, float scale, std::span<const float> mean,
                            std::span<const float> log_sigma, std::span<float> mean_gradient,
                            std::span<float> log_sigma_gradient);

}  // namespace ockham
