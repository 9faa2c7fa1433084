// The variance of the gradient by the means, over the weights' noise, for one posterior in its two
// parametrizations: additive, w = m + s e, and multiplicative, w = m (1 + sqrt(alpha) e)
// (Molchanov, Ashukha & Vetrov 2017, section 4.3). A dense layer under a logistic loss, all weights
// with the same alpha and pre-activations of the same variance at every alpha, so that only the
// parametrization differs. Argument: 10 alpha.

#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "ockham/bayes/product.hpp"

namespace ockham {
namespace {

constexpr size_t kInputs = 64, kRows = 32;
constexpr uint32_t kDraws = 500;
constexpr double kOutputDeviation = 0.3;  // of the noise on an output

struct Layer {
  Parameter weight;
  Matrix x;
};

Layer make_layer(const char* posterior, double alpha) {
  Layer layer{Parameter("weight", 1, kInputs, 1, make_posterior(posterior), 0.0f),
              Matrix(kRows, kInputs)};
  const PhiloxNoise start(1, 0);
  std::vector<uint32_t> rows(kRows);
  for (uint32_t r = 0; r < kRows; ++r) rows[r] = r;
  start.matrix(NoiseKind::normal, 1, layer.weight.row_ids, layer.weight.column_ids,
               layer.weight.mean);
  start.matrix(NoiseKind::normal, 2, rows, layer.weight.row_ids, layer.x);
  const double deviation = kOutputDeviation / std::sqrt(static_cast<double>(kInputs));
  for (size_t i = 0; i < kInputs; ++i) {
    float& m = layer.weight.mean(i, 0);
    m = static_cast<float>(std::copysign(deviation / std::sqrt(alpha), m));
    layer.weight.spread(i, 0) = static_cast<float>(
        layer.weight.posterior->multiplicative() ? std::log(alpha) : std::log(deviation));
  }
  return layer;
}

/// Mean over the weights of Var[dL/dm].
double gradient_variance(const char* posterior, double alpha) {
  Layer layer = make_layer(posterior, alpha);
  std::vector<double> sum(kInputs, 0.0), squares(kInputs, 0.0);
  Matrix y(kRows, 1);
  for (uint32_t step = 0; step < kDraws; ++step) {
    const PhiloxNoise noise(2, step);
    layer.weight.mean_gradient.fill(0.0f);
    const auto product = draw_product(layer.weight, {{1, 1, 1}, kInputs, 1}, {}, &noise);
    product->multiply(layer.x, {}, y, Accumulate::no);
    for (size_t r = 0; r < kRows; ++r) {
      const float target = r % 2 == 0 ? 1.0f : 0.0f;
      y(r, 0) = (1.0f / (1.0f + std::exp(-y(r, 0))) - target) / static_cast<float>(kRows);
    }
    product->add_gradient(0, layer.x, y, {});
    product->finish(layer.weight);
    for (size_t i = 0; i < kInputs; ++i) {
      const double g = layer.weight.mean_gradient(i, 0);
      sum[i] += g;
      squares[i] += g * g;
    }
  }
  double variance = 0.0;
  for (size_t i = 0; i < kInputs; ++i) {
    const double mean = sum[i] / kDraws;
    variance += squares[i] / kDraws - mean * mean;
  }
  return variance / kInputs;
}

void mean_gradient(benchmark::State& state) {
  const double alpha = static_cast<double>(state.range(0)) / 10.0;
  double additive = 0.0, multiplicative = 0.0;
  for (auto _ : state) {
    additive = gradient_variance("sparse", alpha);
    multiplicative = gradient_variance("sparse-multiplicative", alpha);
  }
  state.counters["alpha"] = alpha;
  state.counters["additive"] = additive;
  state.counters["multiplicative"] = multiplicative;
  state.counters["ratio"] = multiplicative / additive;
}
BENCHMARK(mean_gradient)->Arg(1)->Arg(10)->Arg(100)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ockham
