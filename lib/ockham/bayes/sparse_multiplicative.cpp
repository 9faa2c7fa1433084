#include "ockham/bayes/sparse_multiplicative.hpp"

#include <algorithm>
#include <array>

namespace ockham {
namespace {

constexpr size_t kFactorChunk = 1024;

/// Calls body(first, count, means, log_sigmas) with the additive form of elements of mean 1, whose
/// KL is that of any mean: log s = la / 2.
template <typename Body>
void with_unit_means(std::span<const float> log_alpha, const Body& body) {
  std::array<float, kFactorChunk> ones, log_sigma;
  ones.fill(1.0f);
  for (size_t first = 0; first < log_alpha.size(); first += kFactorChunk) {
    const size_t count = std::min(kFactorChunk, log_alpha.size() - first);
    for (size_t i = 0; i < count; ++i) log_sigma[i] = 0.5f * log_alpha[first + i];
    body(first, count, std::span<const float>(ones).first(count),
         std::span<const float>(log_sigma).first(count));
  }
}

}  // namespace

double SparseMultiplicative::kl(std::span<const float> /*mean*/,
                                std::span<const float> spread) const {
  double sum = 0.0;
  with_unit_means(spread, [&](size_t, size_t, auto mean, auto log_sigma) {
    sum += sparse_kl(SparseKl::exact, mean, log_sigma);
  });
  return sum;
}

void SparseMultiplicative::add_kl_gradient(float scale, std::span<const float> /*mean*/,
                                           std::span<const float> spread,
                                           std::span<float> /*mean_gradient*/,
                                           std::span<float> spread_gradient) const {
  with_unit_means(spread, [&](size_t first, size_t count, auto mean, auto log_sigma) {
    std::array<float, kFactorChunk> by_mean{}, by_log_sigma{};
    add_sparse_kl_gradient(SparseKl::exact, scale, mean, log_sigma, std::span(by_mean).first(count),
                           std::span(by_log_sigma).first(count));
    for (size_t i = 0; i < count; ++i) spread_gradient[first + i] += 0.5f * by_log_sigma[i];
  });
}

void SparseMultiplicative::keep(std::span<const float> mean, std::span<const float> spread,
                                std::span<uint8_t> kept) const {
  for (size_t i = 0; i < mean.size(); ++i) {
    kept[i] = mean[i] != 0.0f && spread[i] <= threshold_.log_alpha;
  }
}

}  // namespace ockham
