#include "ockham/bayes/fixed.hpp"

#include <algorithm>

namespace ockham {

void Fixed::descend(const AdamStep& /*step*/, float /*kl_scale*/, const AdamTensor& mean,
                    const AdamTensor& /*spread*/) const {
  std::ranges::fill(mean.gradient, 0.0f);
}

}  // namespace ockham
