#pragma once

#include "ockham/bayes/deterministic.hpp"

namespace ockham {

/// Values that no training moves: multipliers that wait at 1 for a posterior to come.
class Fixed final : public Deterministic {
 public:
  std::string_view name() const override { return "fixed"; }
  /// Clears the gradients.
  void descend(const AdamStep& step, float kl_scale, const AdamTensor& mean,
               const AdamTensor& spread) const override;
};

}  // namespace ockham
