#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "ockham/nn/batch_layout.hpp"
#include "ockham/nn/layer_projection.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/nn/packed_batch.hpp"
#include "ockham/nn/pass_options.hpp"
#include "ockham/nn/word_projection.hpp"
#include "ockham/tensor/noise.hpp"
#include "ockham/tensor/thread_pool.hpp"

namespace ockham {

/// One mini-batch through a network's embedding and recurrent layers: from words to y of the top
/// layer's directions at every token, and back from dL/dy. Construct, forward() once, then, where
/// gradients are wanted, backward() once.
class RecurrentStack {
 public:
  /// What is done with a slice of the top layer, on the thread that takes it through time and while
  /// its outputs are near.
  using SliceWork = std::function<void(size_t direction, size_t slice)>;

  /// Keeps references to `batch`, the options' layout and `noise` (null: expectations). Draws the
  /// words' inputs.
  RecurrentStack(const Network& network, const TokenBatch& batch, const NoiseSource* noise,
                 ThreadPool& pool, const PassOptions& options);
  ~RecurrentStack();

  const PackedBatch& packed() const { return layout_.packed; }

  /// Draws the layers' weights and multipliers and runs them; `after_top` follows each slice of the
  /// top layer. `network` is the one of the constructor, unchanged.
  void forward(const Network& network, ThreadPool& pool, const SliceWork& after_top);

  size_t directions() const;                     ///< of the top layer, after forward()
  const Matrix& output(size_t direction) const;  ///< y, packed [tokens, >= hidden]
  MatrixView output_gradient(size_t direction);  ///< dL/dy, packed as y; zeros at first

  /// Adds dL/d(everything trained up to the top layer) to the parameters' gradients. `before_top`
  /// adds what comes from above to the rows of a slice in output_gradient().
  void backward(Network& network, ThreadPool& pool, const SliceWork& before_top);

 private:
  struct Direction;
  struct Layer;
  void draw_directions(const Network& network, size_t l, ThreadPool& pool);
  void run_layer(size_t l, ThreadPool& pool, const SliceWork& after_top);
  void run_layers_back(Network& network, ThreadPool& pool, const SliceWork& before_top);
  void run_layer_back(size_t l, ThreadPool& pool, const SliceWork& before_top);

  const TokenBatch& batch_;
  const NoiseSource* noise_;
  PassOptions options_;
  std::unique_ptr<const BatchLayout> own_layout_;  // unless it was made ahead
  const BatchLayout& layout_;
  std::optional<WordProjection> projection_;
  std::vector<Layer> layers_;
};

}  // namespace ockham
