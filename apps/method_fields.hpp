#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/options.hpp"
#include "ockham/train/settings.hpp"

namespace ockham {

/// The options that choose the Bayesian method.
class MethodFields {
 public:
  void declare(Command& command);

  /// After parsing. Throws UsageError for options that do not go together.
  MethodSettings settings(const Groups& groups) const;
  bool log_sigma_given() const { return log_sigma_.has_value(); }

 private:
  MethodSettings settings_;
  std::string posterior_ = "sparse";
  std::optional<double> alpha_;
  std::optional<double> gaussian_dropout_rate_;
  std::optional<double> log_sigma_;
  std::optional<double> prune_log_alpha_;
  std::string noise_ = "batch";
  std::vector<std::string> local_;
  std::string input_noise_ = "shared";
};

}  // namespace ockham
