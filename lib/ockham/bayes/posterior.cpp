#include "ockham/bayes/posterior.hpp"

#include <algorithm>

#include "ockham/bayes/deterministic.hpp"
#include "ockham/bayes/sparse.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {

void Posterior::expectation(std::span<const float> mean, std::span<const float> /*spread*/,
                            std::span<float> value) const {
  std::copy(mean.begin(), mean.end(), value.begin());
}

void Posterior::expectation_backward(std::span<const float> /*mean*/,
                                     std::span<const float> /*spread*/,
                                     std::span<const float> value_gradient,
                                     std::span<float> mean_gradient,
                                     std::span<float> /*spread_gradient*/) const {
  add_scaled(1.0f, value_gradient, mean_gradient);
}

void Posterior::variance(std::span<const float> /*mean*/, std::span<const float> /*spread*/,
                         std::span<float> /*value*/) const {
  fail("the posterior ", name(), " is not Gaussian");
}

void Posterior::variance_backward(std::span<const float> /*mean*/,
                                  std::span<const float> /*spread*/,
                                  std::span<const float> /*value_gradient*/,
                                  std::span<float> /*mean_gradient*/,
                                  std::span<float> /*spread_gradient*/) const {
  fail("the posterior ", name(), " is not Gaussian");
}

void Posterior::descend(const AdamStep& step, float kl_scale, const AdamTensor& mean,
                        const AdamTensor& spread) const {
  // The step scales every gradient it is given, but clipping is for the data's gradient only.
  const float unclipped = kl_scale / step.gradient_scale;
  add_kl_gradient(unclipped, mean.value, spread.value, mean.gradient, spread.gradient);
  adam_update(step, mean.value, mean.gradient, mean.moment1, mean.moment2);
  adam_update(step, spread.value, spread.gradient, spread.moment1, spread.moment2);
}

std::shared_ptr<const Posterior> make_posterior(std::string_view name) {
  if (name == "deterministic") return std::make_shared<Deterministic>();
  if (name == "sparse") return std::make_shared<Sparse>();
  fail("unknown posterior \"", name, "\"; known: deterministic, sparse");
}

}  // namespace ockham
