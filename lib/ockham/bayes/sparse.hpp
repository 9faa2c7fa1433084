#pragma once

#include "ockham/bayes/additive_gaussian.hpp"

namespace ockham {

/// Sparse variational dropout with additive noise (Molchanov, Ashukha & Vetrov 2017): log-uniform
/// prior, with the exact KL  u 2F2(1, 1; 3/2, 2; -u),  u = m^2 / (2 s^2) = 1 / (2 alpha).
class Sparse final : public AdditiveGaussian {
 public:
  static constexpr std::string_view kName = "sparse";

  explicit Sparse(PruneThreshold threshold = {})
      : AdditiveGaussian(kName, SparseKl::exact, threshold) {}
};

}  // namespace ockham
