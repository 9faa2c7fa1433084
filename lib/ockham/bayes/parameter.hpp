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

/// What has a spread of its own.
enum class Sharing {
  weight,  ///< every weight
  row,     ///< every row
  column,  ///< every column: a unit's incoming weights
  layer,   ///< the whole tensor
};

/// Its stable tag in files and on the command line.
std::string_view sharing_name(Sharing sharing);
/// Throws Error that names the known ones.
Sharing parse_sharing(std::string_view name);

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
  Matrix spread;  ///< as mean, equal where it is shared; empty where the posterior has none
  Sharing sharing = Sharing::weight;
  Matrix mean_gradient;
  Matrix spread_gradient;
  /// Where each row and column stood before anything was removed: the noise's counters, so that
  /// survivors draw the numbers that they would have drawn in the dense model.
  std::vector<uint32_t> row_ids;
  std::vector<uint32_t> column_ids;
  /// One byte a weight; empty: nothing is pruned. Where it is 0 the weight's value is 0 wherever it
  /// is drawn or expected, and no step moves it. Its mean need not be: it may remain beneath the
  /// mask (PrunedMeans::kept), for unprune() to take back.
  std::vector<uint8_t> kept;

  size_t rows() const { return mean.rows(); }
  size_t cols() const { return mean.cols(); }

  /// KL(q || prior) in nats, of what is random: with noise on activations that is one factor a row.
  double kl() const { return kl_share() * posterior->kl(mean.values(), spread.values()); }
  /// How much of the posterior's KL over all elements that is.
  double kl_share() const {
    return estimator == Estimator::activation && cols() > 0 ? 1.0 / static_cast<double>(cols()) : 1;
  }
  /// The pruning criterion for every element, and what `kept` already says.
  std::vector<uint8_t> keep_mask() const;
  /// E[w], zero where it is pruned.
  Matrix expectation() const { return expectation(kept); }
  /// E[w], zero where `mask` is, which is as keep_mask(); empty: nowhere.
  Matrix expectation(std::span<const uint8_t> mask) const;
  /// The mean, zero where it is pruned: what products start from that draw noise apart from it.
  Matrix kept_mean() const;
  /// Sets what is drawn for pruned elements to 0; `drawn` [rows, cols].
  void zero_pruned(MatrixView drawn) const;

  /// The first row and column of the spreads that are shared: each of them once.
  Matrix shared_spread() const;
  /// Sums what `full` [rows, cols] says of the spreads that are one: as shared_spread().
  Matrix sum_shared(const Matrix& full) const;
  /// Gives all that share one spread its value in `shared`, which is as shared_spread().
  void set_shared_spread(const Matrix& shared);

  /// Changes the posterior and keeps the values, as far as it can have them; a new spread starts at
  /// `initial_spread`.
  void set_posterior(std::shared_ptr<const Posterior> posterior, float initial_spread);
  /// Sets means that are not kept to Posterior::pruned_mean() and remembers them as pruned.
  void prune(std::vector<uint8_t> mask);
  /// Whether anything pruned has another mean than Posterior::pruned_mean(): what unprune() takes
  /// back.
  bool has_pruned_means() const;
  /// Keeps these rows and columns only, in the order given.
  void select(std::span<const uint32_t> rows, std::span<const uint32_t> columns);
};

/// The elements at rows x columns of m.
Matrix select_elements(const Matrix& m, std::span<const uint32_t> rows,
                       std::span<const uint32_t> columns);

}  // namespace ockham
