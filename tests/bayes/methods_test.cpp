#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "ockham/bayes/log_normal.hpp"
#include "ockham/bayes/parameter.hpp"
#include "ockham/bayes/truncated_log_normal.hpp"
#include "ockham/bayes/variational_dropout.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/noise.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/oracle.hpp"

// What the published methods say of their posteriors: moments, KL, bounds, pruning.
namespace ockham {
namespace {

using Floats = std::vector<float>;

class MomentsOf : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Posteriors, MomentsOf,
                         testing::Values("sparse", "sparse-fitted", "sparse-multiplicative",
                                         "variational-dropout", "gaussian-dropout:0.25",
                                         "log-normal"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::erase_if(name, [](char c) { return !std::isalnum(c); });
                           return name;
                         });

TEST_P(MomentsOf, OfManyDrawsAreThoseOfTheFormula) {
  const auto posterior = make_posterior(GetParam());
  constexpr size_t kValues = 200'000;
  const bool multiplier = posterior->noise() == NoiseKind::uniform;
  const float m = multiplier ? -0.7f : 0.8f, s = posterior->has_spread() ? -0.9f : 0.0f;
  const Floats mean(kValues, m), spread(posterior->has_spread() ? kValues : 0, s);
  std::vector<uint32_t> columns(kValues);
  for (uint32_t i = 0; i < kValues; ++i) columns[i] = i;
  Matrix noise(1, kValues), value(1, kValues);
  PhiloxNoise(5, 1).matrix(posterior->noise(), 1, std::vector<uint32_t>{0}, columns, noise);
  posterior->sample(mean, spread, noise.values(), value.values());
  double sum = 0.0, squares = 0.0;
  for (const float v : value.values()) {
    sum += v;
    squares += double{v} * v;
  }
  const double average = sum / kValues, variance = squares / kValues - average * average;
  Floats expected(1), expected_variance(1);
  posterior->expectation(std::span(mean).first(1),
                         std::span(spread).first(posterior->has_spread() ? 1 : 0), expected);
  if (multiplier) {
    const TruncatedLogNormal q(m, s);
    expected_variance[0] = static_cast<float>(q.moment(2) - q.moment(1) * q.moment(1));
  } else {
    posterior->variance(std::span(mean).first(1),
                        std::span(spread).first(posterior->has_spread() ? 1 : 0),
                        expected_variance);
  }
  // Five standard errors of the mean; of the variance, five times sqrt(2 / n) of a Gaussian's.
  EXPECT_NEAR(average, expected[0], 5.0 * std::sqrt(expected_variance[0] / kValues));
  EXPECT_NEAR(variance, expected_variance[0],
              5.0 * std::sqrt(2.0 / kValues) * expected_variance[0]);
}

/// KL and slope by log alpha of one element.
struct KlOf {
  double kl;
  double slope;
};

KlOf multiplicative_kl(const char* name, float log_alpha) {
  const auto posterior = make_posterior(name);
  const Floats mean{0.7f}, spread{log_alpha};
  Floats dm(1, 0.0f), ds(1, 0.0f);
  posterior->add_kl_gradient(2.0f, mean, spread, dm, ds);
  EXPECT_EQ(dm[0], 0.0f) << "the KL does not depend on the mean";
  return {posterior->kl(mean, spread), ds[0] / 2.0};
}

TEST(Kl, OfTheMultiplicativeFormIsTheExactOne) {
  for (const auto& row : read_oracle("kl")) {
    const float la = row["log_alpha"];
    if (std::abs(la) > 8.0f) continue;
    const KlOf kl = multiplicative_kl("sparse-multiplicative", la);
    EXPECT_NEAR(kl.kl, row["exact"].get<double>(), 3e-6) << la;
    EXPECT_NEAR(kl.slope, row["gradient"].get<double>(), 3e-6) << la;
  }
}

TEST(Kl, FittedAndKingmasAreThoseOfTheOracle) {
  for (const auto& row : read_oracle("kl_gradients", "kingma")) {
    const KlOf kl = multiplicative_kl("variational-dropout", row["log_alpha"]);
    EXPECT_NEAR(kl.kl, row["kl"].get<double>(), 2e-6);
    EXPECT_NEAR(kl.slope, row["d_log_alpha"].get<double>(), 1e-6);
  }
  const auto fitted = make_posterior("sparse-fitted");
  for (const auto& row : read_oracle("kl_gradients", "fit")) {
    const double la = row["log_alpha"];
    if (std::abs(la) == 8.0) continue;  // there the gradient is cut off
    const Floats mean{-0.7f}, spread{static_cast<float>(0.5 * la + std::log(0.7))};
    Floats dm(1, 1.0f), ds(1, -1.0f);  // gradients are added to
    fitted->add_kl_gradient(1.0f, mean, spread, dm, ds);
    const double slope = row["d_log_alpha"];
    EXPECT_NEAR(fitted->kl(mean, spread), row["kl"].get<double>(), 3e-6) << la;
    EXPECT_NEAR(dm[0], 1.0 - 2.0 * slope / -0.7, 5e-6) << la;
    EXPECT_NEAR(ds[0], -1.0 + 2.0 * slope, 3e-6) << la;
  }
  // Beyond the clip and at a mean of 0 there is no gradient, and no NaN.
  const Floats mean{0.0f, 1e-6f, 9.0f}, spread{-3.0f, -3.0f, -9.0f};
  Floats dm(3, 0.0f), ds(3, 0.0f);
  fitted->add_kl_gradient(1.0f, mean, spread, dm, ds);
  EXPECT_EQ(dm, Floats(3, 0.0f));
  EXPECT_EQ(ds, Floats(3, 0.0f));
  EXPECT_TRUE(std::isfinite(fitted->kl(mean, spread)));
}

TEST(Bounds, AreKept) {
  Floats mean{1.0f, -3.0f}, spread{0.5f, -0.5f};
  VariationalDropout().project(mean, spread);
  EXPECT_EQ(mean, (Floats{1.0f, -3.0f}));
  EXPECT_EQ(spread, (Floats{0.0f, -0.5f}));
  const float gone = LogNormal().pruned_mean();
  mean = {0.5f, -21.0f, gone};
  spread = {6.0f, -21.0f, -5.0f};
  LogNormal().project(mean, spread);
  EXPECT_EQ(mean, (Floats{0.0f, -20.0f, gone}));
  EXPECT_EQ(spread, (Floats{5.0f, -20.0f, -5.0f}));
}

TEST(LogNormal, PrunesWhereTheSignalIsLostOrTheFactorIsNextToNothing) {
  // SNR at (mu, log sigma): (-1, -2) 7.36, (-3, 0.5) 0.68; (-20, -1) has 3.98, but E z = 3e-9.
  const Floats mean{-1.0f, -3.0f, -20.0f, LogNormal().pruned_mean()};
  const Floats spread{-2.0f, 0.5f, -1.0f, -2.0f};
  std::vector<uint8_t> kept(4, 9);
  LogNormal().keep(mean, spread, kept);
  EXPECT_EQ(kept, (std::vector<uint8_t>{1, 0, 0, 0}));
  // Among others as small, it would stay.
  LogNormal().keep(std::span(mean).subspan(2, 1), std::span(spread).subspan(2, 1),
                   std::span(kept).first(1));
  EXPECT_EQ(kept[0], 1);
}

TEST(LogNormal, APrunedMultiplierIsZeroEverywhere) {
  Parameter p("multiplier", 1, 1, 3, make_posterior("deterministic"), 0.0f);
  p.mean.fill(1.0f);
  p.set_posterior(std::make_shared<LogNormal>(), -5.0f);
  EXPECT_EQ(p.mean, Matrix(1, 3, 0.0f));  // mu = log 1
  EXPECT_NEAR(p.expectation()(0, 0), 0.99465, 1e-5);
  p.prune({1, 0, 1});
  EXPECT_EQ(p.expectation()(0, 1), 0.0f);
  EXPECT_EQ(p.keep_mask(), (std::vector<uint8_t>{1, 0, 1}));
  EXPECT_TRUE(std::isfinite(p.kl()));
  Floats value(3), noise(3, 0.5f), dm(3, 0.0f), ds(3, 0.0f), g(3, 1.0f);
  p.posterior->sample(p.mean.values(), p.spread.values(), noise, value);
  EXPECT_EQ(value[1], 0.0f);
  p.posterior->backward(p.mean.values(), p.spread.values(), noise, g, dm, ds);
  p.posterior->expectation_backward(p.mean.values(), p.spread.values(), g, dm, ds);
  EXPECT_EQ(dm[1], 0.0f);
  EXPECT_EQ(ds[1], 0.0f);
  EXPECT_NE(dm[0], 0.0f);
}

TEST(GaussianDropout, CarriesItsAlphaInItsName) {
  EXPECT_EQ(make_posterior("gaussian-dropout:0.25")->name(), "gaussian-dropout:0.25");
  EXPECT_EQ(make_posterior("gaussian-dropout:1e3")->name(), "gaussian-dropout:1000");
  for (const char* wrong : {"gaussian-dropout", "gaussian-dropout:", "gaussian-dropout:x",
                            "gaussian-dropout:0", "gaussian-dropout:-1", "gaussian-dropout:inf",
                            "gaussian-dropout:1x", "gaussian-dropout:nan"}) {
    EXPECT_THROW(make_posterior(wrong), Error) << wrong;
  }
}

TEST(Kl, OfNoiseOnActivationsCountsOnceAFactor) {
  Parameter p("weight", 1, 3, 8, make_posterior("variational-dropout"), -1.0f);
  p.mean.fill(0.5f);
  p.sharing = Sharing::row;
  const double of_one = p.kl() / 24.0;
  p.estimator = Estimator::activation;
  EXPECT_NEAR(p.kl(), 3.0 * of_one, 1e-9);
}

TEST(SharedSpreads, SumManyEqualNumbersExactly) {
  Parameter p("weight", 1, 2000, 500, make_posterior("sparse"), -1.0f);
  p.sharing = Sharing::layer;
  EXPECT_NEAR(p.sum_shared(Matrix(2000, 500, 0.1f))(0, 0), 1e6 * double{0.1f}, 0.01);
}

TEST(SharedSpreads, StartWithinTheirBounds) {
  Parameter p("weight", 1, 2, 2, make_posterior("deterministic"), 0.0f);
  p.set_posterior(make_posterior("variational-dropout"), 5.0f);
  EXPECT_EQ(p.spread, Matrix(2, 2, 0.0f));
}

TEST(SharedSpreads, AreReadSummedAndSetTogether) {
  Parameter p("weight", 1, 2, 3, make_posterior("sparse"), -1.0f);
  Matrix numbered(2, 3);
  for (size_t i = 0; i < 6; ++i) numbered.values()[i] = static_cast<float>(i + 1);  // 1 2 3 / 4 5 6
  const auto sums = [&](Sharing sharing) {
    p.sharing = sharing;
    const Matrix m = p.sum_shared(numbered);
    return std::vector<float>(m.values().begin(), m.values().end());
  };
  EXPECT_EQ(sums(Sharing::weight), (Floats{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(sums(Sharing::row), (Floats{6, 15}));
  EXPECT_EQ(sums(Sharing::column), (Floats{5, 7, 9}));
  EXPECT_EQ(sums(Sharing::layer), (Floats{21}));
  for (const Sharing sharing : {Sharing::weight, Sharing::row, Sharing::column, Sharing::layer}) {
    p.sharing = sharing;
    EXPECT_EQ(parse_sharing(sharing_name(sharing)), sharing);
    const Matrix shared = p.sum_shared(numbered);
    p.set_shared_spread(shared);
    EXPECT_EQ(p.shared_spread(), shared);
    EXPECT_EQ(p.spread.rows(), 2u);
    EXPECT_EQ(p.spread.cols(), 3u);
  }
  EXPECT_EQ(p.spread, Matrix(2, 3, 21.0f));
  EXPECT_THROW(parse_sharing("unit"), Error);
}

}  // namespace
}  // namespace ockham
