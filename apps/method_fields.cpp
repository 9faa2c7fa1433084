#include "apps/method_fields.hpp"

#include <algorithm>

#include "ockham/bayes/gaussian_dropout.hpp"

namespace ockham {

void MethodFields::declare(Command& c) {
  using Group = MethodSettings::GroupPosterior;
  c.group("Method", HelpLevel::expert);
  c.choice(&posterior_, "posterior",
           {"sparse", "sparse-fitted", "sparse-multiplicative", "variational-dropout",
            "gaussian-dropout", "deterministic"},
           "of weights: sparse variational dropout with the exact KL (Molchanov et al. 2017), with "
           "the paper's fit of it, or with noise that multiplies; variational dropout, alpha up to "
           "1 (Kingma et al. 2015); Gaussian dropout, alpha fixed; or plain weights");
  c.option(&alpha_, "alpha", "X",
           "of gaussian-dropout: the noise's variance as a share of a weight's square; 0.25 unless "
           "given",
           Range::above(0, 1e6));
  c.option(&gaussian_dropout_rate_, "gaussian-dropout-rate", "P",
           "the same by the rate of a binary dropout of that variance: alpha = P / (1 - P)",
           Range::above(0, 0.999));
  c.choice(
      &settings_.deviation, "deviation",
      {{"weight", Sharing::weight},
       {"row", Sharing::row},
       {"column", Sharing::column},
       {"layer", Sharing::layer}},
      "what has a deviation or alpha of its own: every weight, every row (input), every column "
      "(unit), or the whole matrix");
  c.choice(&noise_, "noise", {"batch", "sequence", "flipout", "activation"},
           "one weight sample for all texts of a step, one for each (exact, but slower), one with "
           "signs of each text's own (Wen et al. 2018), or factors on the inputs in its place");
  c.choices(&local_, "local", {"output", "dense", "input", "recurrent"},
            "local reparametrization (Kingma et al. 2015): noise on products; of recurrent weights "
            "it is refused");
  c.choice(&input_noise_, "input-noise", {"shared", "step"},
           "whether input weights share their noise over time; step needs --local input");
  c.choice(&settings_.groups, "group-posterior",
           {{"auto", Group::as_weights},
            {"none", Group::none},
            {"normal", Group::normal},
            {"log-normal", Group::log_normal}},
           "of multipliers: as sparse weights (Chirkova et al. 2018), or structured Bayesian "
           "pruning (Neklyudov et al. 2017); auto: normal with a sparse posterior, else none");
  c.choice(&settings_.group_deviation, "group-deviation",
           {{"group", Sharing::weight}, {"layer", Sharing::layer}},
           "what has a deviation of its own; layer is refused: it cannot tell groups apart");
  c.option(&log_sigma_, "initial-log-sigma", "X",
           "of sparse weights and normal groups; -1 unless given, -3 for over 50 classes or 32 "
           "units a direction",
           Range{-20, 2});
  c.option(&settings_.initial_log_alpha, "initial-log-alpha", "X", "where the noise multiplies",
           Range{-20, 8});
  c.option(&settings_.initial_group_log_sigma, "initial-group-log-sigma", "X",
           "of log-normal groups", Range{-20, 5});
  c.option(&prune_log_alpha_, "prune-log-alpha", "X",
           "the log alpha above which sparse weights and normal groups are pruned; 3 unless given",
           Range{-10, 20});
}

MethodSettings MethodFields::settings(const Groups& groups) const {
  MethodSettings settings = settings_;
  settings.posterior = posterior_;
  if (posterior_ == GaussianDropout::kName) {
    if (alpha_ && gaussian_dropout_rate_) {
      throw UsageError("--alpha and --gaussian-dropout-rate say the same; give one of them");
    }
    const double rate = gaussian_dropout_rate_.value_or(0.2);
    const double alpha = alpha_.value_or(rate / (1.0 - rate));
    settings.posterior = GaussianDropout(static_cast<float>(alpha)).name();
  } else if (alpha_ || gaussian_dropout_rate_) {
    throw UsageError(std::string(alpha_ ? "--alpha" : "--gaussian-dropout-rate") +
                     " belongs to --posterior gaussian-dropout, not " + posterior_);
  }
  const auto weights = make_posterior(settings.posterior);
  const bool trains_alpha = weights->multiplicative() && weights->has_spread();
  if (settings_.initial_log_alpha != MethodSettings{}.initial_log_alpha && !trains_alpha) {
    throw UsageError("--initial-log-alpha belongs to posteriors that train alpha, not " +
                     posterior_);
  }
  if (settings_.initial_group_log_sigma != MethodSettings{}.initial_group_log_sigma &&
      settings_.groups != MethodSettings::GroupPosterior::log_normal) {
    throw UsageError("--initial-group-log-sigma belongs to --group-posterior log-normal");
  }
  if (log_sigma_) settings.initial_log_sigma = *log_sigma_;
  if (log_sigma_ && !starts_from_log_sigma(settings, groups)) {
    throw UsageError("--initial-log-sigma belongs to sparse weights and normal groups, not to " +
                     posterior_ + " with these groups");
  }
  if (prune_log_alpha_) settings.prune_log_alpha = *prune_log_alpha_;
  if (prune_log_alpha_ && !prunes_by_log_alpha(settings, groups)) {
    throw UsageError("--prune-log-alpha belongs to sparse weights and normal groups, not to " +
                     posterior_ + " with these groups");
  }
  settings.noise = parse_estimator(noise_);
  const auto local = [&](const char* layer) { return std::ranges::count(local_, layer) > 0; };
  settings.local_output = local("output");
  settings.local_dense = local("dense");
  settings.local_input = local("input");
  settings.local_recurrent = local("recurrent");
  settings.step_noise = input_noise_ == "step";
  try {
    check_method(settings, groups);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  return settings;
}

}  // namespace ockham
