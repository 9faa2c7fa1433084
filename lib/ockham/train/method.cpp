#include "ockham/train/method.hpp"

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

using GroupPosterior = MethodSettings::GroupPosterior;

bool is_noisy(const Posterior& posterior) {
  return posterior.noise() != NoiseKind::none;
}

PruneThreshold threshold(const MethodSettings& method) {
  return {static_cast<float>(method.prune_log_alpha)};
}

std::shared_ptr<const Posterior> weight_posterior(const MethodSettings& method) {
  const auto posterior = make_posterior(method.posterior);
  return posterior->prunes() ? make_posterior(threshold(method).named(method.posterior))
                             : posterior;
}

/// Multipliers have the KL and the threshold that the weights have; the KL exact or fitted.
std::shared_ptr<const Posterior> group_posterior(const MethodSettings& method,
                                                 const Posterior& weights) {
  GroupPosterior kind = method.groups;
  if (kind == GroupPosterior::as_weights) {
    kind = weights.prunes() ? GroupPosterior::normal : GroupPosterior::none;
  }
  switch (kind) {
    case GroupPosterior::normal:
      return make_posterior(threshold(method).named(weights.group_posterior()));
    case GroupPosterior::log_normal:
      return make_posterior("log-normal");
    default:
      return make_posterior("deterministic");
  }
}

double initial_spread(const MethodSettings& method, const Posterior& posterior) {
  if (posterior.logarithmic()) return method.initial_group_log_sigma;
  return posterior.multiplicative() ? method.initial_log_alpha : method.initial_log_sigma;
}

void check_deviation(const MethodSettings& method, const Posterior& weights) {
  if (method.group_deviation != Sharing::weight) {
    fail(
        "groups cannot share a deviation: one for a whole layer cannot tell its neurons apart, so ",
        "that all of them would be pruned or none; leave out --group-deviation");
  }
  if (method.deviation != Sharing::weight && !weights.has_spread()) {
    fail("--deviation ", sharing_name(method.deviation), " has nothing to share: the posterior ",
         weights.name(), " trains no deviation; leave it out");
  }
}

/// Whether what starts at 1 with this spread is there to be trained, and not pruned at once.
bool starts_kept(const Posterior& posterior, double initial_spread) {
  const float mean = posterior.mean_of_value(1.0f), spread = static_cast<float>(initial_spread);
  uint8_t kept = 0;
  posterior.keep({&mean, 1}, {&spread, 1}, {&kept, 1});
  return kept != 0;
}

void check_start(const MethodSettings& method, const Posterior& weights) {
  if (!weights.multiplicative() || !weights.has_spread()) return;
  auto within = static_cast<float>(method.initial_log_alpha);
  const float wanted = within;
  weights.project({}, {&within, 1});
  if (within != wanted) {
    fail("--initial-log-alpha ", wanted, " is beyond what ", weights.name(), " holds for: at most ",
         within);
  }
  if (!starts_kept(weights, method.initial_log_alpha)) {  // whatever their means are
    fail("--initial-log-alpha ", wanted, " is beyond where ", weights.name(),
         " prunes: every weight would go at once; give a lower one, ",
         MethodSettings{}.initial_log_alpha, " unless given");
  }
}

/// Multipliers start at 1 or near it.
void check_group_start(const MethodSettings& method, const Posterior& groups) {
  if (!groups.prunes() || starts_kept(groups, initial_spread(method, groups))) return;
  if (!groups.logarithmic()) {
    fail("every group would be pruned at once: they start with a log alpha of ",
         2.0 * method.initial_log_sigma, ", twice --initial-log-sigma, and go above ",
         method.prune_log_alpha, "; raise --prune-log-alpha or lower --initial-log-sigma");
  }
  fail("--initial-group-log-sigma ", method.initial_group_log_sigma, " is beyond where ",
       groups.name(), " groups are pruned: every group would go at once; give a lower one, ",
       MethodSettings{}.initial_group_log_sigma, " unless given");
}

void check_noise(const MethodSettings& method, const Posterior& weights) {
  const std::string_view noise = estimator_name(method.noise);
  if (method.noise != Estimator::batch && !is_noisy(weights)) {
    fail("--noise ", noise, " is about single weights, and the posterior ", weights.name(),
         " has no noise; choose another --posterior, or leave it out: groups have noise of each ",
         "text's own anyway (inputs of each mini-batch's)");
  }
  if (method.noise != Estimator::activation) return;
  if (!weights.multiplicative()) {
    fail("--noise activation needs noise that is a factor of the weights: --posterior ",
         "gaussian-dropout or variational-dropout, not ", weights.name());
  }
  const bool one_a_row = method.deviation == Sharing::row || method.deviation == Sharing::layer;
  if (weights.has_spread() && !one_a_row) {
    fail("--noise activation draws one factor an input, for all of its weights; they need one ",
         "alpha: --deviation row or layer");
  }
}

void check_local(const MethodSettings& method, const Posterior& weights) {
  if (method.local_recurrent) {
    fail("local reparametrization of recurrent weights is not possible: they act at every time ",
         "step with the same noise, whose covariance would be lost; use --local output");
  }
  if (method.local_input && !method.step_noise) {
    fail("local reparametrization of input weights draws other noise at every time step, which ",
         "would lose the covariance of noise that is shared over time; say --input-noise step if ",
         "that is meant");
  }
  if (method.step_noise && !method.local_input) {
    fail("--input-noise step needs --local input: noise of every time step's own is drawn on the ",
         "products");
  }
  const bool local = method.local_output || method.local_dense || method.local_input;
  if (local && !weights.gaussian()) {
    fail("local reparametrization needs weights with Gaussian noise, not the posterior ",
         weights.name(), "; leave out --local");
  }
}

void set_estimators(const MethodSettings& method, Network& network) {
  for (RecurrentDirection* direction : network.directions()) {
    direction->weight_ih.estimator = method.local_input ? Estimator::local : method.noise;
    direction->weight_hh.estimator = method.noise;
  }
  for (DenseLayer& layer : network.dense_layers) {
    layer.weight.estimator = method.local_dense ? Estimator::local : method.noise;
  }
  network.output_weight.estimator = method.local_output ? Estimator::local : method.noise;
  network.embedding.estimator = method.noise;
}

}  // namespace

void check_method(const MethodSettings& method, const Groups& groups) {
  const auto weights = weight_posterior(method);
  check_deviation(method, *weights);
  check_start(method, *weights);
  check_noise(method, *weights);
  check_local(method, *weights);
  if (groups != Groups{}) check_group_start(method, *group_posterior(method, *weights));
  const bool asked =
      method.groups == GroupPosterior::normal || method.groups == GroupPosterior::log_normal;
  if (asked && groups == Groups{}) {
    fail("--group-posterior has no groups to act on; name them with --groups");
  }
}

KlTerms kl_terms(const MethodSettings& method, const Groups& groups) {
  const auto weights = weight_posterior(method);
  return {weights->has_spread(),
          groups != Groups{} && group_posterior(method, *weights)->has_spread()};
}

bool prunes_by_log_alpha(const MethodSettings& method, const Groups& groups) {
  const auto weights = weight_posterior(method);
  const auto of_groups = group_posterior(method, *weights);
  return weights->prunes() ||
         (groups != Groups{} && of_groups->prunes() && !of_groups->logarithmic());
}

bool starts_from_log_sigma(const MethodSettings& method, const Groups& groups) {
  const auto starts = [](const Posterior& posterior) {
    return posterior.has_spread() && !posterior.multiplicative() && !posterior.logarithmic();
  };
  const auto weights = weight_posterior(method);
  return starts(*weights) || (groups != Groups{} && starts(*group_posterior(method, *weights)));
}

void hold_multipliers(const MethodSettings& method, Network& network) {
  const auto weights = weight_posterior(method);
  if (!group_posterior(method, *weights)->logarithmic()) return;
  network.for_each_parameter([&](Parameter& p) {
    if (is_multiplier(network, p)) p.set_posterior(make_posterior("fixed"), 0.0f);
  });
}

void apply_method(const MethodSettings& method, Network& network) {
  const auto weights = weight_posterior(method);
  const auto groups = group_posterior(method, *weights);
  const double group_spread = initial_spread(method, *groups);
  network.for_each_parameter([&](Parameter& p) {
    if (is_bias(network, p)) return;
    if (is_multiplier(network, p)) {
      p.set_posterior(groups, static_cast<float>(group_spread));
      return;
    }
    p.sharing = weights->has_spread() ? method.deviation : Sharing::weight;
    p.set_posterior(weights, static_cast<float>(initial_spread(method, *weights)));
  });
  set_estimators(method, network);
  if (method.noise == Estimator::activation) {
    // Its inputs are the words themselves: their noise is word dropout.
    network.embedding.estimator = Estimator::batch;
    network.embedding.sharing = Sharing::weight;
    network.embedding.set_posterior(make_posterior("deterministic"), 0.0f);
  }
}

}  // namespace ockham
