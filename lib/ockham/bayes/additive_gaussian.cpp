#include "ockham/bayes/additive_gaussian.hpp"

#include <algorithm>
#include <cmath>

#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

constexpr size_t kChunk = 1024;  // keeps exp(log s) in the first-level cache

/// Calls body(first, count, sigma) on chunks of the elements.
template <typename Body>
void with_sigma(std::span<const float> log_sigma, const Body& body) {
  float sigma[kChunk];
  for (size_t first = 0; first < log_sigma.size(); first += kChunk) {
    const size_t count = std::min(kChunk, log_sigma.size() - first);
    exponential(log_sigma.subspan(first, count), {sigma, count});
    body(first, count, sigma);
  }
}

}  // namespace

// w = m + s e
void AdditiveGaussian::sample(std::span<const float> mean, std::span<const float> spread,
                              std::span<const float> noise, std::span<float> value) const {
  with_sigma(spread, [&](size_t first, size_t count, const float* sigma) {
    const float* m = &mean[first];
    const float* e = &noise[first];
    float* w = &value[first];
    for (size_t i = 0; i < count; ++i) w[i] = m[i] + sigma[i] * e[i];
  });
}

// dm += dw;  dlog s += dw s e
void AdditiveGaussian::backward(std::span<const float> /*mean*/, std::span<const float> spread,
                                std::span<const float> noise, std::span<const float> value_gradient,
                                std::span<float> mean_gradient,
                                std::span<float> spread_gradient) const {
  with_sigma(spread, [&](size_t first, size_t count, const float* sigma) {
    const float* e = &noise[first];
    const float* dw = &value_gradient[first];
    float* dm = &mean_gradient[first];
    float* ds = &spread_gradient[first];
    for (size_t i = 0; i < count; ++i) {
      dm[i] += dw[i];
      ds[i] += dw[i] * sigma[i] * e[i];
    }
  });
}

// v = s^2
void AdditiveGaussian::variance(std::span<const float> /*mean*/, std::span<const float> spread,
                                std::span<float> value) const {
  with_sigma(spread, [&](size_t first, size_t count, const float* sigma) {
    for (size_t i = 0; i < count; ++i) value[first + i] = sigma[i] * sigma[i];
  });
}

// dlog s += 2 s^2 dv
void AdditiveGaussian::variance_backward(std::span<const float> /*mean*/,
                                         std::span<const float> spread,
                                         std::span<const float> value_gradient,
                                         std::span<float> /*mean_gradient*/,
                                         std::span<float> spread_gradient) const {
  with_sigma(spread, [&](size_t first, size_t count, const float* sigma) {
    const float* dv = &value_gradient[first];
    float* ds = &spread_gradient[first];
    for (size_t i = 0; i < count; ++i) ds[i] += 2.0f * sigma[i] * sigma[i] * dv[i];
  });
}

// log alpha = 2 log s - log m^2 <= threshold
void AdditiveGaussian::keep(std::span<const float> mean, std::span<const float> spread,
                            std::span<uint8_t> kept) const {
  for (size_t i = 0; i < mean.size(); ++i) {
    kept[i] = 2.0f * (spread[i] - std::log(std::abs(mean[i]))) <= threshold_.log_alpha;
  }
}

double AdditiveGaussian::kl(std::span<const float> mean, std::span<const float> spread) const {
  return sparse_kl(form_, mean, spread);
}

void AdditiveGaussian::add_kl_gradient(float scale, std::span<const float> mean,
                                       std::span<const float> spread,
                                       std::span<float> mean_gradient,
                                       std::span<float> spread_gradient) const {
  add_sparse_kl_gradient(form_, scale, mean, spread, mean_gradient, spread_gradient);
}

void AdditiveGaussian::descend(const AdamStep& step, float kl_scale, const AdamTensor& mean,
                               const AdamTensor& spread) const {
  adam_update_sparse(step, form_, kl_scale, mean, spread);
}

}  // namespace ockham
