#include "ockham/bayes/posterior.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "ockham/bayes/deterministic.hpp"
#include "ockham/bayes/sparse.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

TEST(MakePosterior, KnowsItsNames) {
  const std::string names[] = {"deterministic",
                               "fixed",
                               "sparse",
                               "sparse:2",
                               "sparse:-0.5",
                               "sparse-fitted",
                               "sparse-fitted:4",
                               "sparse-multiplicative",
                               "sparse-multiplicative:2.25",
                               "variational-dropout",
                               "gaussian-dropout:0.25",
                               "log-normal"};
  for (const std::string& name : names) EXPECT_EQ(make_posterior(name)->name(), name);
  try {
    make_posterior("spares");
    FAIL() << "an unknown posterior was made";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("spares"), std::string::npos) << message;
    for (const std::string& name : names) {
      EXPECT_NE(message.find(' ' + name.substr(0, name.find(':'))), std::string::npos) << message;
    }
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(MakePosterior, ReadsThresholds) {
  EXPECT_EQ(make_posterior("sparse:3")->name(), "sparse") << "the usual one";
  for (const char* wrong : {"sparse:", "sparse:x", "sparse:2x", "sparse:inf", "sparse:nan",
                            "deterministic:2", "log-normal:1"}) {
    EXPECT_THROW(make_posterior(wrong), Error) << wrong;
  }
  // log alpha = 2 log s - log m^2 = 2.5, beside which nothing else differs
  const std::vector<float> mean = {1.0f}, log_sigma = {1.25f}, log_alpha = {2.5f};
  std::vector<uint8_t> kept(1);
  for (const bool keeps : {false, true}) {
    const std::string threshold = keeps ? ":2.75" : ":2.25";
    make_posterior("sparse" + threshold)->keep(mean, log_sigma, kept);
    EXPECT_EQ(kept[0], keeps);
    make_posterior("sparse-fitted" + threshold)->keep(mean, log_sigma, kept);
    EXPECT_EQ(kept[0], keeps);
    make_posterior("sparse-multiplicative" + threshold)->keep(mean, log_alpha, kept);
    EXPECT_EQ(kept[0], keeps);
    EXPECT_EQ(make_posterior("sparse" + threshold)->prune_log_alpha(), keeps ? 2.75f : 2.25f);
  }
}

TEST(Deterministic, IsItsMean) {
  const Deterministic posterior;
  EXPECT_FALSE(posterior.has_spread());
  EXPECT_EQ(posterior.noise(), NoiseKind::none);
  const std::vector<float> mean = {1.0f, 0.0f, -2.0f}, dw = {0.1f, 0.2f, -0.3f};
  std::vector<float> value(3), dm(3, 1.0f);
  posterior.sample(mean, {}, {}, value);
  EXPECT_EQ(value, mean);
  posterior.backward(mean, {}, {}, dw, dm, {});
  for (size_t i = 0; i < 3; ++i) EXPECT_FLOAT_EQ(dm[i], 1.0f + dw[i]);
  EXPECT_EQ(posterior.kl(mean, {}), 0.0);
  posterior.add_kl_gradient(100.0f, mean, {}, dm, {});
  EXPECT_FLOAT_EQ(dm[0], 1.1f);
  std::vector<uint8_t> kept(3);
  posterior.keep(mean, {}, kept);
  EXPECT_EQ(kept, (std::vector<uint8_t>{1, 0, 1}));
}

// 1,100 elements: more than one of the chunks in which exp(log s) is worked out.
constexpr size_t kCount = 1100;

TEST(Sparse, SampleIsMeanPlusDeviationTimesNoise) {
  std::mt19937 random(1);
  const Sparse posterior;
  EXPECT_EQ(posterior.noise(), NoiseKind::normal);
  const Matrix m = random_matrix(random, 1, kCount), s = random_matrix(random, 1, kCount, -1.0f);
  const Matrix e = random_matrix(random, 1, kCount);
  Matrix w(1, kCount), expectation(1, kCount);
  posterior.sample(m.values(), s.values(), e.values(), w.values());
  posterior.expectation(m.values(), s.values(), expectation.values());
  std::vector<double> expected;
  for (size_t i = 0; i < kCount; ++i) {
    expected.push_back(m.values()[i] + std::exp(double{s.values()[i]}) * e.values()[i]);
  }
  expect_close(w, expected, 1e-6, "sample");  // a few fp32 roundings
  EXPECT_EQ(expectation, m);
}

TEST(Sparse, BackwardIsTheSlopeOfASample) {
  // L = sum_i g_i w_i with different g_i, in double precision: dL/dm = g, dL/dlog s = g s e.
  std::mt19937 random(2);
  const Sparse posterior;
  const Matrix m = random_matrix(random, 1, kCount), s = random_matrix(random, 1, kCount, -1.0f);
  const Matrix e = random_matrix(random, 1, kCount), g = random_matrix(random, 1, kCount);
  Matrix dm(1, kCount, 0.25f), ds(1, kCount, -0.5f);  // gradients are added to
  posterior.backward(m.values(), s.values(), e.values(), g.values(), dm.values(), ds.values());
  std::vector<double> expected_dm, expected_ds;
  for (size_t i = 0; i < kCount; ++i) {
    const auto loss = [&](double mean, double log_s) {
      return g.values()[i] * (mean + std::exp(log_s) * e.values()[i]);
    };
    const double x = m.values()[i], y = s.values()[i], h = 1e-5;
    expected_dm.push_back(0.25 + (loss(x + h, y) - loss(x - h, y)) / (2 * h));
    expected_ds.push_back(-0.5 + (loss(x, y + h) - loss(x, y - h)) / (2 * h));
  }
  expect_close(dm, expected_dm, 1e-6, "dm");
  expect_close(ds, expected_ds, 1e-6, "dlog s");
}

TEST(Sparse, KlAndItsGradientsAreThoseOfTheOracle) {
  // All rows in one call. Above u = 1e4 the gradient is its leading term, right to 1 / (2u), and
  // the value is 3e-5 too low.
  const auto rows = read_oracle("kl_gradients", "exact");
  std::vector<float> m, s;
  double kl = 0.0;
  for (const auto& row : rows) {
    m.push_back(row["m"]);
    s.push_back(row["log_s"]);
    kl += row["kl"].get<double>();
  }
  const Sparse posterior;
  EXPECT_NEAR(posterior.kl(m, s), kl, 1e-4);
  std::vector<float> dm(m.size(), 0.0f), ds(m.size(), 0.0f);
  posterior.add_kl_gradient(0.5f, m, s, dm, ds);
  for (size_t i = 0; i < m.size(); ++i) {
    const double by_m = rows[i]["d_m"], by_s = rows[i]["d_log_s"], u = rows[i]["u"];
    const double relative = 3e-6 + (u > 1e4 ? 0.6 / u : 0.0);
    EXPECT_NEAR(dm[i], 0.5 * by_m, relative * std::abs(0.5 * by_m)) << i;
    EXPECT_NEAR(ds[i], 0.5 * by_s, relative * std::abs(0.5 * by_s)) << i;
  }
}

TEST(Sparse, PrunesWhereLogAlphaIsOverThree) {
  // log alpha = 2 log s - log m^2; with m = +-2 the line is at log s = 1.5 + log 2 = 2.1931.
  const std::vector<float> m = {2.0f, -2.0f, 2.0f, -2.0f, 0.0f, 1e-30f, 1e10f};
  const std::vector<float> s = {2.192f, 2.192f, 2.194f, 2.194f, -30.0f, -10.0f, 10.0f};
  std::vector<uint8_t> kept(m.size(), 9);
  Sparse().keep(m, s, kept);
  EXPECT_EQ(kept, (std::vector<uint8_t>{1, 1, 0, 0, 0, 0, 1}));
}

/// Mean and log sigma with gradients and moments, as the optimizer holds them.
struct State {
  explicit State(std::mt19937& random, size_t n) {
    for (size_t i = 0; i < 2; ++i) {
      value[i] = random_matrix(random, 1, n, i == 0 ? 0.0f : -2.0f);
      gradient[i] = random_matrix(random, 1, n);
      moment1[i] = random_matrix(random, 1, n);
      moment2[i] = random_matrix(random, 1, n, 2.0f, 0.2f);
    }
  }
  AdamTensor tensor(size_t i) {
    return {value[i].values(), gradient[i].values(), moment1[i].values(), moment2[i].values()};
  }
  Matrix value[2], gradient[2], moment1[2], moment2[2];
};

TEST(Sparse, DescendIsTheGeneralStepInOnePass) {
  std::mt19937 random(3);
  State fused(random, 37);
  State general = fused;
  AdamStep step;
  step.learning_rate = 0.05f;
  step.correction1 = 3.0f;
  step.correction2 = 20.0f;
  step.gradient_scale = 0.2f;
  const Sparse posterior;
  posterior.descend(step, 0.3f, fused.tensor(0), fused.tensor(1));
  posterior.Posterior::descend(step, 0.3f, general.tensor(0), general.tensor(1));
  for (size_t i = 0; i < 2; ++i) {  // the same sums, rounded in another order
    expect_close(fused.value[i], general.value[i], 1e-6, "value");
    expect_close(fused.moment1[i], general.moment1[i], 1e-6, "first moment");
    expect_close(fused.moment2[i], general.moment2[i], 1e-6, "second moment");
    EXPECT_EQ(fused.gradient[i], Matrix(1, 37));
    EXPECT_EQ(general.gradient[i], Matrix(1, 37));
  }
}

TEST(Deterministic, DescendIsAdam) {
  std::mt19937 random(4);
  State state(random, 5);
  State expected = state;
  const AdamStep step;
  Deterministic().descend(step, 0.3f, state.tensor(0), {});
  const AdamTensor x = expected.tensor(0);
  adam_update(step, x.value, x.gradient, x.moment1, x.moment2);
  EXPECT_EQ(state.value[0], expected.value[0]);
  EXPECT_EQ(state.gradient[0], Matrix(1, 5));
}

}  // namespace
}  // namespace ockham
