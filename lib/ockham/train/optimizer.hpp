#pragma once

#include <span>
#include <vector>

#include "ockham/compress/compaction.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/tensor/thread_pool.hpp"

namespace ockham {

struct OptimizerSettings {
  float learning_rate = 1e-3f;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  float max_norm = 0.0f;  ///< the data gradient's norm is cut to this; 0: never
  float group_kl = 1.0f;  ///< the multipliers' KL weighs so many times the weights'
};

/// Adam (Kingma & Ba 2015) for all parameters of a network, with their KL's gradient and, if
/// wanted, the clipping of the data gradient's joint norm (Pascanu et al. 2013).
class Optimizer {
 public:
  explicit Optimizer(const Network& network);

  /// One step on data gradient + kl_weight * dKL (kl_weight = scale / N). Clears the gradients.
  /// What `Parameter::kept` says is pruned is not moved; with it, kl_weight must be 0. Throws
  /// Error, and no step was taken, where it is not, and where the data gradient is not finite.
  void step(Network& network, const OptimizerSettings& settings, float kl_weight, ThreadPool& pool);

  /// Follows compact(): moments leave together with their weights, the step count stays.
  void compact(std::span<const Selection> selections);

  /// One parameter's moments; the spread's are empty where there is no spread, and as large as
  /// Parameter::shared_spread().
  struct Moments {
    Matrix mean1, mean2, spread1, spread2;
    bool has_spread = false;
    Sharing sharing = Sharing::weight;
  };
  /// For checkpoints.
  std::vector<Moments>& moments() { return moments_; }
  const std::vector<Moments>& moments() const { return moments_; }
  uint64_t steps() const { return steps_; }
  void set_steps(uint64_t steps) { steps_ = steps; }

 private:
  std::vector<Moments> moments_;
  uint64_t steps_ = 0;
};

}  // namespace ockham
