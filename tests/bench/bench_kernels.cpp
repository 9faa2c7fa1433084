// The kernels that a training step spends its time in. Bytes or items a second are reported, so
// that the figures can be held against the machine's limits.

#include <benchmark/benchmark.h>

#include <numeric>
#include <vector>

#include "ockham/tensor/adam_kernels.hpp"
#include "ockham/tensor/kernels.hpp"
#include "ockham/tensor/matmul.hpp"
#include "ockham/tensor/noise.hpp"

namespace ockham {
namespace {

/// [rows, h] x [h, 4h]: one time step of one slice.
void recurrent_product(benchmark::State& state) {
  const auto rows = static_cast<size_t>(state.range(0)), h = static_cast<size_t>(state.range(1));
  const Matrix a(rows, h, 0.5f);
  const MatmulWeights b(Matrix(h, 4 * h, 0.25f), Precision::fp32);
  Matrix c(rows, 4 * h);
  for (auto _ : state) {
    b.multiply(a, c, Accumulate::no);
    benchmark::DoNotOptimize(c.data());
  }
  state.counters["FLOP/s"] = benchmark::Counter(2.0 * double(rows * h * 4 * h),
                                                benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(recurrent_product)->Args({32, 4})->Args({32, 8})->Args({32, 32})->Args({32, 128});

struct SparseTensor {
  explicit SparseTensor(size_t n)
      : mean(n, 0.1f),
        log_sigma(n, -2.0f),
        gradients(2, FloatVector(n, 0.01f)),
        moments(4, FloatVector(n, 0.0f)) {}
  FloatVector mean, log_sigma;
  std::vector<FloatVector> gradients, moments;
};

/// KL gradient and Adam of sparse variational dropout in one pass over memory ...
void fused_step(benchmark::State& state) {
  SparseTensor t(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    adam_update_sparse(AdamStep{}, SparseKl::exact, 1e-4f,
                       {t.mean, t.gradients[0], t.moments[0], t.moments[1]},
                       {t.log_sigma, t.gradients[1], t.moments[2], t.moments[3]});
  }
  state.SetItemsProcessed(int64_t(state.iterations()) * state.range(0));
}
BENCHMARK(fused_step)->Arg(48'000)->Arg(6'000'900);

/// ... and in three.
void unfused_step(benchmark::State& state) {
  SparseTensor t(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    add_sparse_kl_gradient(SparseKl::exact, 1e-4f, t.mean, t.log_sigma, t.gradients[0],
                           t.gradients[1]);
    adam_update(AdamStep{}, t.mean, t.gradients[0], t.moments[0], t.moments[1]);
    adam_update(AdamStep{}, t.log_sigma, t.gradients[1], t.moments[2], t.moments[3]);
  }
  state.SetItemsProcessed(int64_t(state.iterations()) * state.range(0));
}
BENCHMARK(unfused_step)->Arg(48'000)->Arg(6'000'900);

void normal_noise(benchmark::State& state) {
  const auto columns = static_cast<size_t>(state.range(0));
  std::vector<uint32_t> rows(1024), ids(columns);
  std::iota(rows.begin(), rows.end(), 0u);
  std::iota(ids.begin(), ids.end(), 0u);
  Matrix out(rows.size(), columns);
  for (auto _ : state) {
    PhiloxNoise(1, 2).matrix(NoiseKind::normal, 3, rows, ids, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(int64_t(state.iterations() * out.size()));
}
BENCHMARK(normal_noise)->Arg(8)->Arg(300);

}  // namespace
}  // namespace ockham
