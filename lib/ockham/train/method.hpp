#pragma once

#include <string>

#include "ockham/bayes/prune_threshold.hpp"
#include "ockham/nn/network.hpp"

namespace ockham {

/// Which Bayesian method a network is trained by.
struct MethodSettings {
  enum class GroupPosterior {
    as_weights,  ///< normal where the weights' posterior prunes, else none
    none,        ///< multipliers are plain numbers
    normal,      ///< sparse variational dropout of the multipliers (Chirkova et al. 2018), with the
                 ///< fitted KL where the weights' is fitted
    log_normal,  ///< structured Bayesian pruning (Neklyudov et al. 2017)
  };

  std::string posterior = "sparse";  ///< of weights: Posterior::name()
  GroupPosterior groups = GroupPosterior::as_weights;
  Sharing deviation = Sharing::weight;        ///< which weights share a deviation or alpha
  Sharing group_deviation = Sharing::weight;  ///< of multipliers; nothing else is possible
  Estimator noise = Estimator::batch;         ///< of weights
  bool local_output = false;                  ///< local reparametrization of the output layer
  bool local_dense = false;                   ///< of the dense layers before it
  bool local_input = false;                   ///< and of the input weights, which needs step_noise
  bool local_recurrent = false;               ///< never possible
  bool step_noise = false;                ///< input weights may have other noise at every time step
  double initial_log_sigma = -1.0;        ///< of additive posteriors
  double initial_log_alpha = -3.0;        ///< of multiplicative posteriors
  double initial_group_log_sigma = -5.0;  ///< of log-normal multipliers
  double prune_log_alpha = PruneThreshold::kUsual;  ///< of sparse weights and normal groups

  bool operator==(const MethodSettings&) const = default;
};

/// Throws Error where the settings do not go together: says what, why, and what to do.
void check_method(const MethodSettings& method, const Groups& groups);

/// Where a KL divergence acts: on every spread that is trained.
struct KlTerms {
  bool weights = false;
  bool groups = false;
};
KlTerms kl_terms(const MethodSettings& method, const Groups& groups);

/// Whether anything is pruned where its log alpha is over method.prune_log_alpha.
bool prunes_by_log_alpha(const MethodSettings& method, const Groups& groups);

/// Whether anything starts from method.initial_log_sigma.
bool starts_from_log_sigma(const MethodSettings& method, const Groups& groups);

/// Before the Bayes phase: multipliers whose posterior cannot express what they would become stay
/// as they are, 1.
void hold_multipliers(const MethodSettings& method, Network& network);

/// Gives every parameter its posterior and estimator; means stay.
void apply_method(const MethodSettings& method, Network& network);

}  // namespace ockham
