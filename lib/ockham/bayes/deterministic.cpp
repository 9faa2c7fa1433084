#include "ockham/bayes/deterministic.hpp"

#include "ockham/tensor/kernels.hpp"

namespace ockham {

void Deterministic::sample(std::span<const float> mean, std::span<const float> spread,
                           std::span<const float> /*noise*/, std::span<float> value) const {
  expectation(mean, spread, value);
}

void Deterministic::backward(std::span<const float> /*mean*/, std::span<const float> /*spread*/,
                             std::span<const float> /*noise*/,
                             std::span<const float> value_gradient, std::span<float> mean_gradient,
                             std::span<float> /*spread_gradient*/) const {
  add_scaled(1.0f, value_gradient, mean_gradient);
}

double Deterministic::kl(std::span<const float> /*mean*/, std::span<const float> /*spread*/) const {
  return 0.0;
}

void Deterministic::add_kl_gradient(float /*scale*/, std::span<const float> /*mean*/,
                                    std::span<const float> /*spread*/,
                                    std::span<float> /*mean_gradient*/,
                                    std::span<float> /*spread_gradient*/) const {}

void Deterministic::keep(std::span<const float> mean, std::span<const float> /*spread*/,
                         std::span<uint8_t> kept) const {
  for (size_t i = 0; i < mean.size(); ++i) kept[i] = mean[i] != 0.0f;
}

}  // namespace ockham
