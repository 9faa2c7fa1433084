#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "ockham/nn/dense_pass.hpp"
#include "ockham/nn/layer_projection.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/nn/packed_batch.hpp"
#include "ockham/nn/word_projection.hpp"
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
  /// Keeps references to `batch`; `network` is only read.
  NetworkPass(const Network& network, const TokenBatch& batch, const NoiseSource* noise,
              ThreadPool& pool, const PassOptions& options = {});
  ~NetworkPass();

  const Matrix& logits() const { return logits_; }  ///< [sequences, outputs]

  /// Adds dL/d(everything trained) to the parameters' gradients. `network` is the one of the
  /// constructor, unchanged.
  void backward(Network& network, ConstMatrixView dlogits, ThreadPool& pool);

 private:
  struct Direction;
  struct Layer;
  void prepare_pooling();
  /// What the output layer reads.
  const Matrix& features() const;
  void run_layer(size_t l, ThreadPool& pool);
  void run_layers_back(Network& network, ConstMatrixView dsummary, ThreadPool& pool);
  void run_layer_back(size_t l, ConstMatrixView dsummary, ThreadPool& pool);
  void pool_slice(size_t d, size_t slice_number);
  void pool_slice_back(size_t d, size_t slice_number, ConstMatrixView dsummary);

  const TokenBatch& batch_;
  Profile* profile_;
  PackedBatch packed_;
  std::optional<WordProjection> projection_;
  std::vector<Layer> layers_;
  std::vector<Pooling> poolings_;
  Matrix summary_;  // [sequences, summary]
  std::vector<DensePass> dense_layers_;
  std::optional<AffinePass> output_;
  Matrix logits_;
};

}  // namespace ockham
