#include "ockham/bayes/product.hpp"

#include "ockham/bayes/batch_product.hpp"
#include "ockham/bayes/local_product.hpp"

namespace ockham {

std::unique_ptr<Product> draw_product(const Parameter& parameter, Estimator estimator,
                                      const ProductShape& shape, std::span<const uint32_t> texts,
                                      const NoiseSource* noise) {
  const bool noisy = noise != nullptr && parameter.posterior->noise() != NoiseKind::none;
  if (noisy && estimator == Estimator::local) {
    return std::make_unique<LocalProduct>(parameter, shape, texts, *noise);
  }
  return std::make_unique<BatchProduct>(parameter, shape, noise);
}

}  // namespace ockham
