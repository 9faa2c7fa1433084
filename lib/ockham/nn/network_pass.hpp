#pragma once

#include <optional>
#include <vector>

#include "ockham/nn/dense_pass.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/nn/pooling.hpp"
#include "ockham/nn/recurrent_stack.hpp"
#include "ockham/tensor/noise.hpp"
#include "ockham/tensor/profile.hpp"
#include "ockham/tensor/thread_pool.hpp"

namespace ockham {

/// One mini-batch through a network, forward and, if wanted, backward. All noise is drawn once, in
/// the constructor: weights by their estimator, one sample for the mini-batch or for each sequence,
/// and one sample of word, unit and gate multipliers per sequence, shared by all time steps (Gal &
/// Ghahramani 2016; Lobacheva et al. 2017; Chirkova et al. 2018). `noise` null: expectations, with
/// what is pruned at 0.
class NetworkPass {
 public:
  /// Keeps references to `batch` and the options' layout; `network` is only read.
  NetworkPass(const Network& network, const TokenBatch& batch, const NoiseSource* noise,
              ThreadPool& pool, const PassOptions& options = {});

  const Matrix& logits() const { return logits_; }  ///< [sequences, outputs]

  /// Adds dL/d(everything trained) to the parameters' gradients. `network` is the one of the
  /// constructor, unchanged.
  void backward(Network& network, ConstMatrixView dlogits, ThreadPool& pool);

 private:
  /// Where a direction of the top layer stands in the summary, and what its poolings chose.
  struct PooledDirection {
    size_t first_feature;
    size_t hidden;
    std::vector<PoolingChoice> choices;  // for each slice and pooling
  };

  void prepare_pooling(const RecurrentLayer& top);
  /// What the output layer reads.
  const Matrix& features() const;
  void pool_slice(size_t d, size_t slice_number);
  void pool_slice_back(size_t d, size_t slice_number, ConstMatrixView dsummary);

  Profile* profile_;
  RecurrentStack stack_;
  std::vector<Pooling> poolings_;
  std::vector<PooledDirection> pooled_;
  Matrix summary_;  // [sequences, summary]
  std::vector<DensePass> dense_layers_;
  std::optional<AffinePass> output_;
  Matrix logits_;
};

}  // namespace ockham
