#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "ockham/tensor/adam_kernels.hpp"
#include "ockham/tensor/noise.hpp"

namespace ockham {

/// A family of distributions q(w) over single numbers, each given by a mean and a spread: how to
/// draw from it, its KL divergence to its prior, and when an element is pruned. One subclass, one
/// file, is one published method. Stateless: the numbers belong to Parameter.
///
/// All spans of one call have the same length, one entry an element; a posterior without a spread
/// or noise gets empty spans for them. Gradients are added to, never overwritten.
class Posterior {
 public:
  virtual ~Posterior() = default;

  /// The stable tag in files and on the command line.
  virtual std::string_view name() const = 0;
  /// What the spread is, as the tensors' suffix in files ("log_sigma"); empty: there is none.
  virtual std::string_view spread_name() const = 0;
  virtual NoiseKind noise() const = 0;
  virtual bool has_spread() const { return !spread_name().empty(); }
  /// Whether its KL drives elements to where keep() prunes them.
  virtual bool prunes() const { return false; }

  /// True where it is a distribution of the logarithm: the spread is one of the logarithm, values
  /// are positive, and so multipliers of it have to start at 1.
  virtual bool logarithmic() const { return false; }
  /// Name of the posterior that multipliers of groups of such weights have, where they are pruned
  /// as the weights are, without a threshold.
  virtual std::string_view group_posterior() const { return "sparse"; }

  /// The mean of an element that starts at this value.
  virtual float mean_of_value(float value) const { return value; }
  /// The mean that stands for a pruned element, whose value is 0.
  virtual float pruned_mean() const { return 0.0f; }

  /// value = draw(mean, spread; noise)
  virtual void sample(std::span<const float> mean, std::span<const float> spread,
                      std::span<const float> noise, std::span<float> value) const = 0;

  /// The chain rule through sample(), for the same noise.
  virtual void backward(std::span<const float> mean, std::span<const float> spread,
                        std::span<const float> noise, std::span<const float> value_gradient,
                        std::span<float> mean_gradient, std::span<float> spread_gradient) const = 0;

  /// value = E[w]: what is used where no noise is wanted.
  virtual void expectation(std::span<const float> mean, std::span<const float> spread,
                           std::span<float> value) const;

  /// The chain rule through expectation().
  virtual void expectation_backward(std::span<const float> mean, std::span<const float> spread,
                                    std::span<const float> value_gradient,
                                    std::span<float> mean_gradient,
                                    std::span<float> spread_gradient) const;

  /// True where q(w) is a Gaussian around its mean: sums of such weights are Gaussian too, which
  /// local reparametrization builds on, and the noise is as likely with either sign, which flipout
  /// does.
  virtual bool gaussian() const { return false; }
  /// True where w is its mean times a factor that does not depend on it: the noise may then stand
  /// on what the weights are multiplied with.
  virtual bool multiplicative() const { return false; }

  /// value = Var[w] of a Gaussian posterior. Throws Error for others.
  virtual void variance(std::span<const float> mean, std::span<const float> spread,
                        std::span<float> value) const;

  /// The chain rule through variance().
  virtual void variance_backward(std::span<const float> mean, std::span<const float> spread,
                                 std::span<const float> value_gradient,
                                 std::span<float> mean_gradient,
                                 std::span<float> spread_gradient) const;

  /// KL(q || prior) in nats, summed over the elements.
  virtual double kl(std::span<const float> mean, std::span<const float> spread) const = 0;

  /// gradients += scale * dKL
  virtual void add_kl_gradient(float scale, std::span<const float> mean,
                               std::span<const float> spread, std::span<float> mean_gradient,
                               std::span<float> spread_gradient) const = 0;

  /// kept[i] = 0 where element i carries no more information than its prior, else 1. The span is
  /// a whole parameter: a criterion may compare its elements.
  virtual void keep(std::span<const float> mean, std::span<const float> spread,
                    std::span<uint8_t> kept) const = 0;

  /// value = log(Var[w] / E[w]^2), how noisy each element is; infinite where the mean is 0 and
  /// where it is pruned. Throws Error for a posterior without a spread.
  virtual void log_alphas(std::span<const float> mean, std::span<const float> spread,
                          std::span<float> value) const;

  /// The log alpha above which keep() prunes an element, whatever the others are.
  virtual std::optional<float> prune_log_alpha() const { return std::nullopt; }

  /// Brings values that left their bounds back, each by itself: the spans' lengths may differ.
  virtual void project(std::span<float> /*mean*/, std::span<float> /*spread*/) const {}

  /// One optimizer step on data gradient + kl_scale * KL gradient; clears the gradients and brings
  /// the values back into their bounds. Override it where one pass over memory does it all.
  virtual void descend(const AdamStep& step, float kl_scale, const AdamTensor& mean,
                       const AdamTensor& spread) const;
};

/// The posterior of that name (Posterior::name()); Error names the known ones. Sparse ones may
/// have another threshold of log alpha than PruneThreshold::kUsual: "sparse:2".
std::shared_ptr<const Posterior> make_posterior(std::string_view name);

}  // namespace ockham
