#include "ockham/bayes/estimator.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "ockham/bayes/multiplier.hpp"
#include "ockham/bayes/product.hpp"
#include "ockham/bayes/truncated_log_normal.hpp"

// What estimators promise of many draws: the right distribution, and gradients that are right on
// average. Fixed seeds; the bounds are five standard errors, which a right estimator exceeds once
// in two million.
namespace ockham {
namespace {

using Ids = std::vector<uint32_t>;
constexpr size_t kDraws = 10'000;
constexpr double kErrors = 5.0;

/// Sums for mean and variance.
struct Moments {
  double sum = 0.0, squares = 0.0;
  size_t count = 0;

  void add(double x) {
    sum += x;
    squares += x * x;
    ++count;
  }
  double mean() const { return sum / static_cast<double>(count); }
  double variance() const { return squares / static_cast<double>(count) - mean() * mean(); }
  double standard_error() const { return std::sqrt(variance() / static_cast<double>(count)); }
};

struct Estimation {
  const char* name;
  const char* posterior;
  Estimator estimator;
  float mean;
  float spread;
};
std::ostream& operator<<(std::ostream& out, const Estimation& e) {
  return out << e.name;
}

const Estimation kEstimations[] = {
    {"sparse_batch", "sparse", Estimator::batch, 0.7f, -0.5f},
    {"sparse_sequence", "sparse", Estimator::sequence, 0.7f, -0.5f},
    {"sparse_flipout", "sparse", Estimator::flipout, 0.7f, -0.5f},
    {"sparse_local", "sparse", Estimator::local, 0.7f, -0.5f},
    {"fitted_batch", "sparse-fitted", Estimator::batch, -0.4f, 0.1f},
    {"multiplicative_batch", "sparse-multiplicative", Estimator::batch, 0.7f, 0.4f},
    {"multiplicative_flipout", "sparse-multiplicative", Estimator::flipout, 0.7f, 0.4f},
    {"multiplicative_local", "sparse-multiplicative", Estimator::local, 0.7f, 0.4f},
    {"multiplicative_sequence", "sparse-multiplicative", Estimator::sequence, 0.7f, 0.4f},
    {"variational_batch", "variational-dropout", Estimator::batch, 0.7f, -0.3f},
    {"variational_flipout", "variational-dropout", Estimator::flipout, -0.6f, -0.3f},
    {"variational_local", "variational-dropout", Estimator::local, 0.7f, -0.3f},
    {"variational_activation", "variational-dropout", Estimator::activation, 0.7f, -0.3f},
    {"variational_sequence", "variational-dropout", Estimator::sequence, -0.6f, -0.3f},
    {"gaussian_batch", "gaussian-dropout:0.5", Estimator::batch, 0.7f, 0.0f},
    {"gaussian_sequence", "gaussian-dropout:0.5", Estimator::sequence, 0.7f, 0.0f},
    {"gaussian_flipout", "gaussian-dropout:0.5", Estimator::flipout, 0.7f, 0.0f},
    {"gaussian_local", "gaussian-dropout:0.5", Estimator::local, -0.6f, 0.0f},
    {"gaussian_activation", "gaussian-dropout:0.5", Estimator::activation, 0.7f, 0.0f},
};

class Estimates : public testing::TestWithParam<Estimation> {
 protected:
  Parameter weight(size_t rows, size_t columns) const {
    const auto posterior = make_posterior(GetParam().posterior);
    Parameter p("weight", 3, rows, columns, posterior, GetParam().spread);
    p.sharing = Sharing::layer;
    p.estimator = GetParam().estimator;
    p.mean.fill(GetParam().mean);
    return p;
  }
  bool has_spread() const { return make_posterior(GetParam().posterior)->has_spread(); }
};
INSTANTIATE_TEST_SUITE_P(Estimators, Estimates, testing::ValuesIn(kEstimations),
                         [](const auto& test) { return std::string(test.param.name); });

constexpr double kX = 1.3;

double loss(double y) {
  return std::log1p(std::exp(-y));
}

/// E[loss] of y = kX w, w Gaussian with this variance.
double expected_loss(double mean, double variance) {
  const double sd = kX * std::sqrt(variance);
  const auto integrand = [&](double e) {
    return loss(kX * mean + sd * e) * std::exp(-0.5 * e * e) / std::sqrt(2.0 * M_PI);
  };
  return boost::math::quadrature::gauss_kronrod<double, 61>::integrate(integrand, -12.0, 12.0);
}

TEST_P(Estimates, TheMeanGradientIsThatOfTheExpectedLoss) {
  const Parameter start = weight(1, 1);
  const auto value = [&](double mean, double spread) {
    double variance = std::exp(2.0 * spread);
    if (start.posterior->multiplicative()) {
      variance = mean * mean * (has_spread() ? std::exp(spread) : 0.5);
    }
    return expected_loss(mean, variance);
  };
  constexpr double kStep = 1e-4;
  const double m = GetParam().mean, s = GetParam().spread;
  const double by_mean = (value(m + kStep, s) - value(m - kStep, s)) / (2 * kStep);
  const double by_spread = (value(m, s + kStep) - value(m, s - kStep)) / (2 * kStep);

  Moments mean_gradient, spread_gradient;
  Matrix x(1, 1, static_cast<float>(kX)), y(1, 1), g(1, 1);
  for (uint32_t step = 0; step < kDraws; ++step) {
    Parameter p = start;
    const PhiloxNoise noise(11, step);
    const auto product = draw_product(p, {{1, 1, 1}, 1, 1}, {{5}, {}}, &noise);
    product->multiply(x, Ids{0}, y, Accumulate::no);
    g(0, 0) = static_cast<float>(-1.0 / (1.0 + std::exp(double{y(0, 0)})));
    product->add_gradient(0, x, g, Ids{0});
    product->finish(p);
    mean_gradient.add(p.mean_gradient(0, 0));
    if (has_spread()) spread_gradient.add(p.spread_gradient(0, 0));
  }
  EXPECT_NEAR(mean_gradient.mean(), by_mean, kErrors * mean_gradient.standard_error());
  if (has_spread()) {
    EXPECT_NEAR(spread_gradient.mean(), by_spread, kErrors * spread_gradient.standard_error());
  }
}

/// Two sequences with the same input: the pre-activation of one has the variance of a weight
/// sample, whatever the estimator; those of two are as correlated as the estimator shares noise.
TEST_P(Estimates, OneSequencesVarianceIsThatOfAWeightSample) {
  const Parameter p = weight(3, 1);
  std::vector<float> variances(3);
  p.posterior->variance(p.mean.values(), p.spread.values(), variances);
  const float inputs[] = {1.0f, -0.5f, 0.8f};
  double mean = 0.0, variance = 0.0;
  for (size_t i = 0; i < 3; ++i) {
    mean += inputs[i] * p.mean(i, 0);
    variance += inputs[i] * inputs[i] * variances[i];
  }
  Moments first, second, products;
  Matrix x(2, 3), y(2, 1);
  for (size_t r = 0; r < 2; ++r) std::copy_n(inputs, 3, x.row(r));
  for (uint32_t step = 0; step < 2 * kDraws; ++step) {
    const PhiloxNoise noise(12, step);
    const auto product = draw_product(p, {{1, 1, 1}, 3, 1}, {{5, 9}, {}}, &noise);
    product->multiply(x, Ids{0, 1}, y, Accumulate::no);
    first.add(y(0, 0));
    second.add(y(1, 0));
    products.add((y(0, 0) - mean) * (y(1, 0) - mean));
  }
  const double relative = kErrors * std::sqrt(2.0 / (2.0 * kDraws));  // of a Gaussian's variance
  for (const Moments* row : {&first, &second}) {
    EXPECT_NEAR(row->mean(), mean, kErrors * row->standard_error());
    EXPECT_NEAR(row->variance(), variance, relative * variance);
  }
  const double correlation = products.mean() / variance;
  const bool shared = p.estimator == Estimator::batch;
  EXPECT_NEAR(correlation, shared ? 1.0 : 0.0,
              shared ? 2.0 * relative : kErrors * products.standard_error() / variance);
}

TEST(LogNormalEstimate, TheMeanGradientIsThatOfTheExpectedLoss) {
  const float mu = -0.8f, s = -0.3f;
  const auto value = [&](double mean, double log_sigma) {
    const TruncatedLogNormal q(mean, log_sigma);
    const auto integrand = [&](double u) { return loss(kX * std::exp(q.sample(u).log_z)); };
    return boost::math::quadrature::gauss_kronrod<double, 61>::integrate(integrand, 0.0, 1.0);
  };
  constexpr double kStep = 1e-4;
  const double by_mu = (value(mu + kStep, s) - value(mu - kStep, s)) / (2 * kStep);
  const double by_s = (value(mu, s + kStep) - value(mu, s - kStep)) / (2 * kStep);
  Moments mean_gradient, spread_gradient;
  for (uint32_t step = 0; step < kDraws; ++step) {
    Parameter p("multiplier", 3, 1, 1, make_posterior("log-normal"), s);
    p.mean.fill(mu);
    const PhiloxNoise noise(13, step);
    const MultiplierSample sample(p, Ids{5}, &noise);
    const double y = kX * sample.values()(0, 0);
    sample.add_gradient(p, Matrix(1, 1, static_cast<float>(-kX / (1.0 + std::exp(y)))));
    mean_gradient.add(p.mean_gradient(0, 0));
    spread_gradient.add(p.spread_gradient(0, 0));
  }
  EXPECT_NEAR(mean_gradient.mean(), by_mu, kErrors * mean_gradient.standard_error());
  EXPECT_NEAR(spread_gradient.mean(), by_s, kErrors * spread_gradient.standard_error());
}

}  // namespace
}  // namespace ockham
