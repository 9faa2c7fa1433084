#pragma once

#include <string>
#include <string_view>

namespace ockham {

/// The log alpha above which sparse variational dropout prunes a weight (Molchanov, Ashukha &
/// Vetrov 2017): log alpha > 3, where m^2 is under 5% of s^2, unless another one is chosen.
struct PruneThreshold {
  static constexpr float kUsual = 3.0f;

  float log_alpha = kUsual;

  /// A posterior's name with its threshold where that is not the usual one: "sparse:2".
  std::string named(std::string_view posterior) const;
};

}  // namespace ockham
