// Whole training steps: noise, forward, backward, KL and Adam on a synthetic mini-batch whose words
// follow Zipf's law, as in text. Arguments: threads.

#include <benchmark/benchmark.h>

#include <cmath>

#include "ockham/bayes/sparse.hpp"
#include "ockham/bayes/sparse_fitted.hpp"
#include "ockham/nn/network_pass.hpp"
#include "ockham/tensor/denormals.hpp"
#include "ockham/tensor/heap.hpp"
#include "ockham/train/optimizer.hpp"

namespace ockham {
namespace {

constexpr size_t kBatch = 128;

/// Word ranks r with probability about 1 / r, from a small fixed generator.
TokenBatch zipf_batch(size_t words, size_t length) {
  TokenBatch batch;
  uint64_t state = 1;
  for (uint32_t b = 0; b < kBatch; ++b) {
    std::vector<uint32_t> tokens;
    for (size_t t = 0; t < length; ++t) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      const double uniform = static_cast<double>(state >> 11) * 0x1p-53;
      const double rank = std::exp(uniform * std::log(static_cast<double>(words)));
      tokens.push_back(static_cast<uint32_t>(rank) - 1);
    }
    batch.add(tokens, b);
  }
  return batch;
}

Network sparse_network(const NetworkShape& shape, const std::shared_ptr<const Posterior>& sparse) {
  Network network = make_network(shape, 1);
  network.for_each_parameter([&](Parameter& p) {
    if (!is_bias(network, p)) p.set_posterior(sparse, -2.0f);
  });
  return network;
}

void training_steps(benchmark::State& state, const NetworkShape& shape, size_t length,
                    Precision precision = Precision::fp32,
                    const std::shared_ptr<const Posterior>& sparse = std::make_shared<Sparse>()) {
  ThreadPool pool(static_cast<size_t>(state.range(0)));
  Network network = sparse_network(shape, sparse);
  Optimizer optimizer(network);
  const TokenBatch batch = zipf_batch(shape.words, length);
  const Matrix targets(kBatch, 1, 1.0f);
  std::vector<std::unique_ptr<BatchLayout>> ready(pool.size());  // as epochs make them
  uint32_t step = 0;
  const auto run_step = [&] {
    const PhiloxNoise noise(1, step);
    const size_t at = step++ % ready.size();
    if (at == 0) {
      pool.for_each(ready.size(), [&](size_t i) {
        ready[i] = std::make_unique<BatchLayout>(network, batch, &noise);
      });
    }
    NetworkPass pass(network, batch, &noise, pool,
                     {.precision = precision, .layout = ready[at].get()});
    Matrix dlogits(kBatch, 1);
    benchmark::DoNotOptimize(cross_entropy(network.output, pass.logits(), targets, {}, dlogits));
    pass.backward(network, dlogits, pool);
    optimizer.step(network, {.max_norm = 5.0f}, 1e-4f, pool);
  };
  run_step();  // the first one gets its memory
  for (auto _ : state) run_step();
  state.SetItemsProcessed(int64_t(state.iterations() * batch.words.size()));
}

/// What a bare training of 25,000 reviews uses, at the length that word dropout leaves.
void default_step(benchmark::State& state) {
  training_steps(state,
                 {.words = 8'000,
                  .embedding = 8,
                  .hidden = 4,
                  .output = OutputKind::sigmoid,
                  .outputs = 1,
                  .groups = {true, false, true, true}},
                 100);
}
BENCHMARK(default_step)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

/// The same with two layers of GRU.
void stacked_gru_step(benchmark::State& state) {
  training_steps(state,
                 {.words = 8'000,
                  .embedding = 8,
                  .hidden = 4,
                  .output = OutputKind::sigmoid,
                  .outputs = 1,
                  .groups = {true, false, true, true},
                  .cell = Cell::gru,
                  .layers = 2},
                 100);
}
BENCHMARK(stacked_gru_step)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

/// The papers' size: embedding 300, LSTM 128 in one direction, 200 tokens, 20,000 words.
const NetworkShape kPaperShape = {.words = 20'003,
                                  .embedding = 300,
                                  .hidden = 128,
                                  .bidirectional = false,
                                  .poolings = {Pooling::last},
                                  .output = OutputKind::sigmoid,
                                  .outputs = 1,
                                  .groups = {true, false, true, true}};

void paper_step(benchmark::State& state) {
  training_steps(state, kPaperShape, 200);
}
BENCHMARK(paper_step)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

/// With the KL that the papers fit.
void paper_fitted_step(benchmark::State& state) {
  training_steps(state, kPaperShape, 200, Precision::fp32, std::make_shared<SparseFitted>());
}
BENCHMARK(paper_fitted_step)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

void paper_bf16_step(benchmark::State& state) {
  if (!multiplies_bf16()) {
    state.SkipWithError("this processor has no bf16 products");
    return;
  }
  training_steps(state, kPaperShape, 200, Precision::bf16);
}
BENCHMARK(paper_bf16_step)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

/// The same network answers: no noise, no gradients.
void paper_forward(benchmark::State& state) {
  ThreadPool pool(static_cast<size_t>(state.range(0)));
  const Network network = make_network(kPaperShape, 1);
  const TokenBatch batch = zipf_batch(kPaperShape.words, 200);
  for (auto _ : state) {
    const NetworkPass pass(network, batch, nullptr, pool);
    benchmark::DoNotOptimize(pass.logits().data());
  }
}
BENCHMARK(paper_forward)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ockham

int main(int argc, char** argv) {
  ockham::keep_freed_memory();  // all three as the program does
  ockham::use_large_pages();
  ockham::flush_denormals();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
