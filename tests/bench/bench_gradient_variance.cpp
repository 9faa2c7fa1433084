// What the noise of the gradient by the means costs in either parametrization of one posterior
// (tests/support/gradient_variance.hpp). Argument: 10 alpha.

#include <benchmark/benchmark.h>

#include "tests/support/gradient_variance.hpp"

namespace ockham {
namespace {

constexpr uint32_t kDraws = 500;

void mean_gradient(benchmark::State& state) {
  const double alpha = static_cast<double>(state.range(0)) / 10.0;
  double additive = 0.0, multiplicative = 0.0;
  for (auto _ : state) {
    additive = GradientVariance("sparse", alpha).measure(kDraws);
    multiplicative = GradientVariance("sparse-multiplicative", alpha).measure(kDraws);
  }
  state.counters["alpha"] = alpha;
  state.counters["additive"] = additive;
  state.counters["multiplicative"] = multiplicative;
  state.counters["ratio"] = multiplicative / additive;
}
BENCHMARK(mean_gradient)->Arg(1)->Arg(10)->Arg(100)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ockham
