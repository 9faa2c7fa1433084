#include "ockham/bayes/product.hpp"

#include "ockham/bayes/batch_product.hpp"
#include "ockham/bayes/local_product.hpp"
#include "ockham/bayes/sequence_product.hpp"

namespace ockham {

NoiseScope noise_scope(const Parameter& parameter, const NoiseSource* noise) {
  if (noise == nullptr || parameter.posterior->noise() == NoiseKind::none) return NoiseScope::batch;
  switch (parameter.estimator) {
    case Estimator::batch:
      return NoiseScope::batch;
    case Estimator::sequence:
      return NoiseScope::sequence;
    case Estimator::local:
      return NoiseScope::row;
  }
  return NoiseScope::batch;
}

std::unique_ptr<Product> draw_product(const Parameter& parameter, const ProductShape& shape,
                                      const Draws& draws, const NoiseSource* noise) {
  switch (noise_scope(parameter, noise)) {
    case NoiseScope::batch:
      return std::make_unique<BatchProduct>(parameter, shape, noise);
    case NoiseScope::sequence:
      return std::make_unique<SequenceProduct>(parameter, shape, draws, *noise);
    case NoiseScope::row:
      return std::make_unique<LocalProduct>(parameter, shape, draws, *noise);
  }
  return nullptr;
}

}  // namespace ockham
