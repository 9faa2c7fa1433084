#include "ockham/bayes/product.hpp"

#include "ockham/bayes/activation_product.hpp"
#include "ockham/bayes/batch_product.hpp"
#include "ockham/bayes/flipout_product.hpp"
#include "ockham/bayes/local_product.hpp"
#include "ockham/bayes/sampling.hpp"
#include "ockham/bayes/sequence_product.hpp"
#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

/// Where nothing is drawn, all estimators are one.
Estimator acting_estimator(const Parameter& parameter, const NoiseSource* noise) {
  return draws_noise(parameter, noise) ? parameter.estimator : Estimator::batch;
}

}  // namespace

NoiseScope noise_scope(const Parameter& parameter, const NoiseSource* noise) {
  switch (acting_estimator(parameter, noise)) {
    case Estimator::batch:
      break;
    case Estimator::sequence:
    case Estimator::flipout:
    case Estimator::activation:
      return NoiseScope::sequence;
    case Estimator::local:
      return NoiseScope::row;
  }
  return NoiseScope::batch;
}

MatrixView Product::shared_gradient(size_t slice) {
  fail("rows have weights of their own: slice ", slice, " has no sum for all of them");
}

std::unique_ptr<Product> draw_product(const Parameter& parameter, const ProductShape& shape,
                                      const Draws& draws, const NoiseSource* noise) {
  switch (acting_estimator(parameter, noise)) {
    case Estimator::batch:
      break;
    case Estimator::sequence:
      return std::make_unique<SequenceProduct>(parameter, shape, draws, *noise);
    case Estimator::flipout:
      return std::make_unique<FlipoutProduct>(parameter, shape, draws, *noise);
    case Estimator::activation:
      return std::make_unique<ActivationProduct>(parameter, shape, draws, *noise);
    case Estimator::local:
      return std::make_unique<LocalProduct>(parameter, shape, draws, *noise);
  }
  return std::make_unique<BatchProduct>(parameter, shape, noise);
}

}  // namespace ockham
