#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ockham/bayes/estimator.hpp"
#include "ockham/bayes/posterior.hpp"
#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// One trained tensor [rows, cols]: its means, their posterior, and their gradients. A weight
/// matrix [in, out], an embedding [words, dimensions], a row of multipliers [1, groups] or a bias
/// [1, n] alike. What is drawn from it, product.hpp (weights), row_sample.hpp (embeddings) and
/// multiplier.hpp (groups) say, which layers call; the optimizer and the KL are reached from here.
struct Parameter {
  Parameter() = default;
  /// Means 0, spreads `initial_spread`, everything kept, original indices 0, 1, ...
  Parameter(std::string path, uint32_t id, size_t rows, size_t cols,
            std::shared_ptr<const Posterior> posterior, float initial_spread);

  std::string path;  ///< its name in model.safetensors, e.g. encoder/lstm_0/forward/weight_ih
  uint32_t id = 0;   ///< its number in the noise's counter; stays when other parameters go
  std::shared_ptr<const Posterior> posterior;
  /// How a weight's noise is drawn. Multipliers do not go by it: they differ between sequences.
  Estimator estimator = Estimator::batch;
  Matrix mean;
  Matrix spread;  ///< as mean; empty where the posterior has none
  Matrix mean_gradient;
  Matrix spread_gradient;
  /// Where each row and column stood before anything was removed: the noise's counters, so that
  /// survivors draw the numbers that they would have drawn in the dense model.
  std::vector<uint32_t> row_ids;
  std::vector<uint32_t> column_ids;
  /// One byte a weight, 0 = pruned for good (fine-tuning keeps it at 0); empty: nothing is pruned.
  std::vector<uint8_t> kept;

  size_t rows() const { return mean.rows(); }
  size_t cols() const { return mean.cols(); }

  double kl() const { return posterior->kl(mean.values(), spread.values()); }
  /// The pruning criterion for every element, and what `kept` already says.
  std::vector<uint8_t> keep_mask() const;
  /// E[w], zero where it is pruned.
  Matrix expectation() const;

  /// Changes the posterior and keeps the means; a new spread starts at `initial_spread`.
  void set_posterior(std::shared_ptr<const Posterior> posterior, float initial_spread);
  /// Sets means that are not kept to 0 and remembers them as pruned.
  void prune(std::vector<uint8_t> mask);
  /// Keeps these rows and columns only, in the order given.
  void select(std::span<const uint32_t> rows, std::span<const uint32_t> columns);
};

/// The elements at rows x columns of m.
Matrix select_elements(const Matrix& m, std::span<const uint32_t> rows,
                       std::span<const uint32_t> columns);

}  // namespace ockham
