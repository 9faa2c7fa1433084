#include "ockham/train/evaluate.hpp"

#include <algorithm>

#include "ockham/nn/network_pass.hpp"
#include "ockham/text/batches.hpp"

namespace ockham {

Matrix predict_set(const Network& network, const TrainingSet& set, ThreadPool& pool) {
  constexpr size_t kBatch = 256;
  const Batches batches = sorted_batches(set.corpus.lengths(), kBatch);
  set.corpus.ids.expect(Access::anywhere);
  Matrix probabilities;
  for (size_t b = 0; b < batches.size(); ++b) {
    const TokenBatch batch = make_batch(set, batches[b], 0.0f, nullptr);
    if (b + 1 < batches.size()) prefetch(set.corpus, batches[b + 1]);
    const NetworkPass pass(network, batch, nullptr, pool);
    const Matrix p = class_probabilities(network.output, pass.logits());
    if (probabilities.empty()) probabilities = Matrix(set.size(), p.cols());
    for (size_t i = 0; i < batches[b].size(); ++i) {
      std::copy_n(p.row(i), p.cols(), probabilities.row(batches[b][i]));
    }
  }
  return probabilities;
}

}  // namespace ockham
