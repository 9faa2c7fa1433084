// One epoch of training on made-up texts, of any size, for tests/bench/scaling: prints JSON,
// seconds of an epoch, peak memory, and what the machine could do (products, memory).
//   scaling_epoch words=20000 embedding=300 hidden=128 directions=1 length=200 batch=128 threads=2
//                 texts=1024 precision=fp32

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ockham/bayes/sparse.hpp"
#include "ockham/tensor/denormals.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/heap.hpp"
#include "ockham/tensor/matmul.hpp"
#include "ockham/train/epoch.hpp"

namespace ockham {
namespace {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Size {
  size_t words = 20'000, embedding = 300, hidden = 128, directions = 1, length = 200, batch = 128;
  size_t threads = 2, texts = 1024;
  Precision precision = Precision::fp32;
};

Size parse(int count, char** arguments) {
  Size size;
  const std::map<std::string, size_t*> fields = {
      {"words", &size.words},   {"embedding", &size.embedding},   {"hidden", &size.hidden},
      {"length", &size.length}, {"directions", &size.directions}, {"batch", &size.batch},
      {"texts", &size.texts},   {"threads", &size.threads}};
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    const size_t sign = argument.find('=');
    const std::string value = argument.substr(sign + 1);
    if (argument.starts_with("precision=")) {
      size.precision = parse_precision(value);
    } else {
      const auto field = fields.find(argument.substr(0, sign));
      if (sign == std::string::npos || field == fields.end()) fail("no setting ", argument);
      *field->second = std::stoul(value);
    }
  }
  return size;
}

/// Texts of equal length, of words whose rank r has a probability of about 1 / r.
TrainingSet zipf_texts(const Size& size) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform;
  TrainingSet set;
  for (uint32_t i = 0; i < size.texts; ++i) {
    for (size_t t = 0; t < size.length; ++t) {
      const double rank = std::exp(uniform(random) * std::log(static_cast<double>(size.words)));
      set.corpus.ids.push_back(static_cast<uint32_t>(rank) - 1);
    }
    set.corpus.offsets.push_back(set.corpus.ids.size());
    set.texts.push_back(i);
    set.labels.add(std::vector<uint32_t>{i % 2});
  }
  set.weights.assign(size.texts, 1.0f);
  return set;
}

Network sparse_network(const Size& size) {
  Network network = make_network({.words = size.words,
                                  .embedding = size.embedding,
                                  .hidden = size.hidden,
                                  .bidirectional = size.directions == 2,
                                  .poolings = {Pooling::max},
                                  .output = OutputKind::sigmoid,
                                  .outputs = 1,
                                  .groups = {true, false, true, true}},
                                 1);
  const auto sparse = std::make_shared<Sparse>();
  network.for_each_parameter([&](Parameter& p) {
    if (!is_bias(network, p)) p.set_posterior(sparse, -2.0f);
  });
  return network;
}

/// The fastest of several calls.
template <typename Action>
double fastest(const Action& action) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const double started = seconds();
    action();
    best = std::min(best, seconds() - started);
  }
  return best;
}

/// FLOP/s of products that stay in the caches, of all threads together.
double product_rate(ThreadPool& pool, Precision precision) {
  constexpr size_t kRows = 128, kInner = 256, kColumns = 512, kTimes = 50;
  const MatmulWeights weights(Matrix(kInner, kColumns, 0.5f), precision);
  std::vector<Matrix> a(pool.size(), Matrix(kRows, kInner, 0.5f)),
      c(pool.size(), Matrix(kRows, kColumns));
  const double time = fastest([&] {
    pool.for_each(pool.size(), [&](size_t i) {
      for (size_t k = 0; k < kTimes; ++k) weights.multiply(a[i], c[i], Accumulate::no);
    });
  });
  return 2.0 * kRows * kInner * kColumns * kTimes * static_cast<double>(pool.size()) / time;
}

/// Bytes a second of y += a x over arrays that fit into no cache, of all threads together.
double memory_rate(ThreadPool& pool) {
  constexpr size_t kNumbers = size_t{1} << 24;
  std::vector<FloatVector> x(pool.size(), FloatVector(kNumbers, 1.0f)), y = x;
  const double time = fastest([&] {
    pool.for_each(pool.size(), [&](size_t i) {
      float* __restrict to = y[i].data();
      const float* __restrict from = x[i].data();
      for (size_t k = 0; k < kNumbers; ++k) to[k] += 0.5f * from[k];
    });
  });
  return 3.0 * sizeof(float) * kNumbers * static_cast<double>(pool.size()) / time;
}

double distinct_words_a_batch(const TrainingSet& set, const Size& size) {
  std::set<uint32_t> words;
  const size_t texts = std::min(size.batch, set.size());
  for (uint32_t i = 0; i < texts; ++i) {
    for (const uint32_t word : set.corpus.tokens(i)) words.insert(word);
  }
  return static_cast<double>(words.size());
}

void run(const Size& size) {
  ThreadPool pool(size.threads);
  const TrainingSet set = zipf_texts(size);
  Network network = sparse_network(size);
  Optimizer optimizer(network);
  EpochSettings epoch;
  epoch.optimizer.learning_rate = 1e-4f;
  epoch.optimizer.max_norm = 5.0f;
  epoch.batch = size.batch;
  epoch.weight_noise = true;
  epoch.precision = size.precision;
  epoch.kl_scale = [](size_t) { return 1.0; };
  uint32_t step = 0;
  EpochSettings first = epoch;  // one step, which makes what the others find made
  first.stop = [begun = false]() mutable { return std::exchange(begun, true); };
  run_epoch(network, optimizer, set, first, step, pool);
  const double started = seconds();
  run_epoch(network, optimizer, set, epoch, step, pool);
  const double time = seconds() - started;
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "{\"seconds\": %.6f, \"peak_bytes\": %ld, \"distinct\": %.0f, \"product_rate\": %.4g, "
      "\"memory_rate\": %.4g}\n",
      time, usage.ru_maxrss * 1024, distinct_words_a_batch(set, size),
      product_rate(pool, size.precision), memory_rate(pool));
}

}  // namespace
}  // namespace ockham

int main(int count, char** arguments) {
  ockham::keep_freed_memory();  // all three as the program does
  ockham::use_large_pages();
  ockham::flush_denormals();
  try {
    ockham::run(ockham::parse(count, arguments));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s; see the head of tests/bench/scaling_epoch.cpp\n", arguments[0],
                 error.what());
    return 2;
  }
}
