#include "ockham/bayes/posterior.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "ockham/bayes/deterministic.hpp"
#include "ockham/bayes/fixed.hpp"
#include "ockham/bayes/gaussian_dropout.hpp"
#include "ockham/bayes/log_normal.hpp"
#include "ockham/bayes/sparse.hpp"
#include "ockham/bayes/sparse_fitted.hpp"
#include "ockham/bayes/sparse_multiplicative.hpp"
#include "ockham/bayes/variational_dropout.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

float read_number(std::string_view name, std::string_view digits) {
  float number = 0.0f;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(number)) {
    fail("the posterior \"", name, "\" needs a number behind the colon, as in ",
         "gaussian-dropout:0.25 (its alpha) or sparse:2 (the log alpha that prunes)");
  }
  return number;
}

template <typename Kind>
std::shared_ptr<const Posterior> make_sparse(std::string_view name, std::string_view digits) {
  if (name == Kind::kName) return std::make_shared<Kind>();
  return std::make_shared<Kind>(PruneThreshold{read_number(name, digits)});
}

}  // namespace

void Posterior::expectation(std::span<const float> mean, std::span<const float> /*spread*/,
                            std::span<float> value) const {
  std::copy(mean.begin(), mean.end(), value.begin());
}

void Posterior::expectation_backward(std::span<const float> /*mean*/,
                                     std::span<const float> /*spread*/,
                                     std::span<const float> value_gradient,
                                     std::span<float> mean_gradient,
                                     std::span<float> /*spread_gradient*/) const {
  add_scaled(1.0f, value_gradient, mean_gradient);
}

void Posterior::variance(std::span<const float> /*mean*/, std::span<const float> /*spread*/,
                         std::span<float> /*value*/) const {
  fail("the posterior ", name(), " is not Gaussian");
}

void Posterior::variance_backward(std::span<const float> /*mean*/,
                                  std::span<const float> /*spread*/,
                                  std::span<const float> /*value_gradient*/,
                                  std::span<float> /*mean_gradient*/,
                                  std::span<float> /*spread_gradient*/) const {
  fail("the posterior ", name(), " is not Gaussian");
}

void Posterior::log_alphas(std::span<const float> mean, std::span<const float> spread,
                           std::span<float> value) const {
  variance(mean, spread, value);
  for (size_t i = 0; i < mean.size(); ++i) {
    value[i] = mean[i] == 0.0f ? std::numeric_limits<float>::infinity()
                               : std::log(value[i]) - 2.0f * std::log(std::abs(mean[i]));
  }
}

void Posterior::descend(const AdamStep& step, float kl_scale, const AdamTensor& mean,
                        const AdamTensor& spread) const {
  // The step scales every gradient it is given, but clipping is for the data's gradient only.
  const float unclipped = kl_scale / step.gradient_scale;
  add_kl_gradient(unclipped, mean.value, spread.value, mean.gradient, spread.gradient);
  adam_update(step, mean.value, mean.gradient, mean.moment1, mean.moment2);
  adam_update(step, spread.value, spread.gradient, spread.moment1, spread.moment2);
  project(mean.value, spread.value);
}

std::shared_ptr<const Posterior> make_posterior(std::string_view name) {
  if (name == "deterministic") return std::make_shared<Deterministic>();
  if (name == "fixed") return std::make_shared<Fixed>();
  if (name == "variational-dropout") return std::make_shared<VariationalDropout>();
  if (name == "log-normal") return std::make_shared<LogNormal>();
  const size_t colon = name.find(':');
  const std::string_view kind = name.substr(0, colon);
  const std::string_view digits = colon == name.npos ? "" : name.substr(colon + 1);
  if (kind == Sparse::kName) return make_sparse<Sparse>(name, digits);
  if (kind == SparseFitted::kName) return make_sparse<SparseFitted>(name, digits);
  if (kind == SparseMultiplicative::kName) return make_sparse<SparseMultiplicative>(name, digits);
  if (kind == GaussianDropout::kName && colon != name.npos) {
    return std::make_shared<GaussianDropout>(read_number(name, digits));
  }
  fail("unknown posterior \"", name, "\"; known: deterministic, fixed, sparse, sparse-fitted, ",
       "sparse-multiplicative, variational-dropout, gaussian-dropout:ALPHA, log-normal");
}

}  // namespace ockham
