#include "ockham/bayes/product.hpp"

#include "ockham/bayes/batch_product.hpp"
#include "ockham/bayes/local_product.hpp"
#include "ockham/bayes/sequence_product.hpp"

namespace ockham {

bool differs_by_sequence(const Parameter& parameter, const NoiseSource* noise) {
  return noise != nullptr && parameter.posterior->noise() != NoiseKind::none &&
         parameter.estimator != Estimator::batch;
}

std::unique_ptr<Product> draw_product(const Parameter& parameter, const ProductShape& shape,
                                      std::span<const uint32_t> texts, const NoiseSource* noise) {
  if (!differs_by_sequence(parameter, noise)) {
    return std::make_unique<BatchProduct>(parameter, shape, noise);
  }
  if (parameter.estimator == Estimator::sequence) {
    return std::make_unique<SequenceProduct>(parameter, shape, texts, *noise);
  }
  return std::make_unique<LocalProduct>(parameter, shape, texts, *noise);
}

}  // namespace ockham
