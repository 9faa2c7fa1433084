#include "ockham/tensor/adam_kernels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ockham/tensor/kernels.hpp"
#include "ockham/tensor/matrix.hpp"
#include "tests/support/each_target.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

AdamStep step_number(int t, float learning_rate) {
  AdamStep step;
  step.learning_rate = learning_rate;
  step.correction1 = static_cast<float>(1.0 / (1.0 - std::pow(0.9, t)));
  step.correction2 = static_cast<float>(1.0 / (1.0 - std::pow(0.999, t)));
  return step;
}

/// A tensor with the state that the optimizer keeps for it.
struct Trained {
  explicit Trained(Matrix start)
      : value(std::move(start)),
        gradient(value.rows(), value.cols()),
        moment1(value.rows(), value.cols()),
        moment2(value.rows(), value.cols()) {}
  AdamTensor tensor() {
    return {value.values(), gradient.values(), moment1.values(), moment2.values()};
  }
  Matrix value, gradient, moment1, moment2;
};

TEST(AdamUpdate, FollowsPyTorchWithAndWithoutClipping) {
  for_each_target([] {
    const auto runs = read_oracle("adam", "runs");
    ASSERT_EQ(runs.size(), 2u);
    for (const auto& run : runs) {
      std::vector<Trained> tensors;
      for (const auto& start : run["start"]) tensors.emplace_back(to_matrix(start, 1));
      int t = 0;
      for (const auto& wanted : run["steps"]) {
        AdamStep step = step_number(++t, run["lr"].get<float>());
        double squares = 0.0;
        for (size_t i = 0; i < tensors.size(); ++i) {
          tensors[i].gradient = to_matrix(wanted["gradients"][i], 1);
          squares += sum_of_squares(tensors[i].gradient.values());
        }
        const double norm = wanted["norm"];
        EXPECT_NEAR(std::sqrt(squares), norm, 1e-6 * norm);
        if (!run["max_norm"].is_null()) {
          step.gradient_scale =
              static_cast<float>(std::min(1.0, run["max_norm"].get<double>() / (norm + 1e-6)));
        }
        for (size_t i = 0; i < tensors.size(); ++i) {
          const AdamTensor x = tensors[i].tensor();
          adam_update(step, x.value, x.gradient, x.moment1, x.moment2);
          // Without fused multiply-add (1 - beta2) g^2 is right to 6e-5, the step of 0.01 to 3e-5;
          // five steps.
          expect_close(tensors[i].value, numbers(wanted["values"][i]), 2e-6,
                       "step " + std::to_string(t));
          for (const float g : x.gradient) EXPECT_EQ(g, 0.0f);
        }
      }
    }
  });
}

constexpr SparseKl kForms[] = {SparseKl::exact, SparseKl::fitted};

/// One element's KL and gradients.
struct Kl {
  Kl(float mean, float log_sigma, SparseKl form = SparseKl::exact)
      : value(sparse_kl(form, {&mean, 1}, {&log_sigma, 1})) {
    add_sparse_kl_gradient(form, 1.0f, {&mean, 1}, {&log_sigma, 1}, {&by_mean, 1},
                           {&by_log_sigma, 1});
  }
  double value;
  float by_mean = 0.0f, by_log_sigma = 0.0f;
};

TEST(SparseKl, EqualsThirtyDigitArithmetic) {
  for_each_target([] {
    const auto rows = read_oracle("kl");
    ASSERT_EQ(rows.size(), 33u);
    for (const auto& row : rows) {
      // With m = 1: log s = log alpha / 2, and dKL/dlog alpha = dKL/dlog s / 2.
      const double log_alpha = row["log_alpha"];
      const Kl kl(1.0f, static_cast<float>(log_alpha / 2));
      // The fit is off by 1.7e-6, and fp32 at 4.6 by another 5e-7.
      EXPECT_NEAR(kl.value, row["exact"].get<double>(), 2.2e-6) << log_alpha;
      const double gradient = row["gradient"];
      EXPECT_NEAR(kl.by_log_sigma / 2, gradient, 2e-6 * std::abs(gradient)) << log_alpha;
      EXPECT_NEAR(-kl.by_mean / 2, gradient, 2e-6 * std::abs(gradient)) << log_alpha;
    }
  });
}

TEST(SparseKl, GradientsEqualSixtyDigitArithmetic) {
  for_each_target([] {
    const auto rows = read_oracle("kl_gradients", "exact");
    ASSERT_EQ(rows.size(), 14u);
    for (const auto& row : rows) {
      const float m = row["m"], log_s = row["log_s"];
      const double u = row["u"], kl = row["kl"], by_m = row["d_m"], by_log_s = row["d_log_s"];
      SCOPED_TRACE(testing::Message() << "m = " << m << ", log s = " << log_s);
      const Kl got(m, log_s);
      // Above u = 1e4 the ratio is its leading term 1 / (2u), the next one being 1 / (4 u^2).
      const double relative = 3e-6 + (u > 1e4 ? 0.6 / u : 0.0);
      EXPECT_NEAR(got.by_mean, by_m, relative * std::abs(by_m));
      EXPECT_NEAR(got.by_log_sigma, by_log_s, relative * std::abs(by_log_s));
      // The fit of the value is made for u <= 2,500; beyond it stays 3e-5 too low.
      EXPECT_NEAR(got.value, kl, u <= 2500 ? 2.2e-6 : 3.5e-5);
    }
  });
}

TEST(SparseKl, GradientIsTheSlopeOfTheValue) {
  // Over the whole range of u, the two fits against each other: 1e-3 steps in log s, values right
  // to 2e-6, so slopes to 2e-3 relative to 1.
  for (float log_s = -4.0f; log_s <= 3.0f; log_s += 0.13f) {
    const double slope = (Kl(0.8f, log_s + 0.02f).value - Kl(0.8f, log_s - 0.02f).value) / 0.04;
    EXPECT_NEAR(Kl(0.8f, log_s).by_log_sigma, slope, 1e-3) << log_s;
  }
}

TEST(SparseKl, SumsOverAllElements) {
  for_each_target([] {
    std::mt19937 random(1);
    for (const size_t n : {0u, 1u, 7u, 8u, 17u, 4099u}) {
      const Matrix m = random_matrix(random, 1, n), s = random_matrix(random, 1, n, -1.0f, 1.0f);
      for (const SparseKl form : kForms) {
        double sum = 0.0;
        for (size_t i = 0; i < n; ++i) sum += Kl(m.values()[i], s.values()[i], form).value;
        EXPECT_NEAR(sparse_kl(form, m.values(), s.values()), sum, 1e-6 * sum + 1e-6);
      }
    }
  });
}

TEST(SparseKl, StaysFiniteAtTheEnds) {
  for_each_target([] {
    for (const float m : {0.0f, -1e-45f, 1e-38f, 1e-20f, 1e-3f, -50.0f}) {
      for (const float log_s : {-15.0f, 0.0f, 15.0f}) {
        for (const SparseKl form : kForms) {
          const Kl kl(m, log_s, form);
          SCOPED_TRACE(testing::Message() << m << ", " << log_s << ", " << static_cast<int>(form));
          EXPECT_TRUE(std::isfinite(kl.value) && kl.value >= 0.0) << kl.value;
          EXPECT_TRUE(std::isfinite(kl.by_mean) && std::isfinite(kl.by_log_sigma)) << kl.by_mean;
        }
      }
    }
  });
}

TEST(SparseKl, TheFitOfAMeanOf0IsFlatAndOfNoNumberNone) {
  for_each_target([] {
    for (float log_s = -100.0f; log_s < 20.0f; log_s += 0.5f) {
      const Kl kl(0.0f, log_s, SparseKl::fitted);
      EXPECT_EQ(kl.by_mean, 0.0f) << log_s;
      EXPECT_EQ(kl.by_log_sigma, 0.0f) << log_s;
    }
    EXPECT_TRUE(std::isnan(Kl(std::nanf(""), -1.0f, SparseKl::fitted).value));
  });
}

TEST(SparseKl, TheFitAndItsSlopeAreThoseOfItsPaper) {
  constexpr double k1 = 0.63576, k2 = 1.87320, k3 = 1.48695;
  const auto sigmoid = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  for_each_target([&] {
    for (const float m : {-3e-4f, 0.02f, 1.7f}) {
      for (double wanted = -9.95; wanted < 10.0; wanted += 0.1) {
        const auto log_s = static_cast<float>(wanted / 2 + std::log(std::abs(double{m})));
        const double la = 2.0 * (double{log_s} - std::log(std::abs(double{m})));
        const double clipped = std::clamp(la, -8.0, 8.0), sg = sigmoid(k2 + k3 * clipped);
        const double slope =
            std::abs(la) < 8.0 ? -k1 * k3 * sg * (1.0 - sg) - 0.5 * sigmoid(-la) : 0.0;
        SCOPED_TRACE(testing::Message() << m << ", " << la);
        const Kl kl(m, log_s, SparseKl::fitted);
        // la is twice a difference of numbers of up to 13, right to some 5e-7 each.
        EXPECT_NEAR(kl.value, k1 * (1.0 - sg) + 0.5 * std::log1p(std::exp(-clipped)), 3e-6);
        EXPECT_NEAR(kl.by_log_sigma, 2.0 * slope, 4e-6 * std::abs(slope));
        EXPECT_NEAR(kl.by_mean, -2.0 * slope / m, 4e-6 * std::abs(slope / m));
      }
    }
  });
}

void expect_kl_gradient_then_adam(SparseKl form, size_t n) {
  std::mt19937 random(2);
  Trained mean(random_matrix(random, 1, n)), sigma(random_matrix(random, 1, n, -2.0f, 1.0f));
  Trained fused_mean = mean, fused_sigma = sigma;
  constexpr float kKlScale = 0.03f;
  for (int t = 1; t <= 4; ++t) {
    AdamStep step = step_number(t, 0.01f);
    step.gradient_scale = t == 3 ? 0.25f : 1.0f;  // clips the data's gradient, not the KL's
    for (Trained* x : {&mean, &sigma}) x->gradient = random_matrix(random, 1, n);
    fused_mean.gradient = mean.gradient;
    fused_sigma.gradient = sigma.gradient;
    adam_update_sparse(step, form, kKlScale, fused_mean.tensor(), fused_sigma.tensor());

    for (Trained* x : {&mean, &sigma}) scale(step.gradient_scale, x->gradient.values());
    add_sparse_kl_gradient(form, kKlScale, mean.value.values(), sigma.value.values(),
                           mean.gradient.values(), sigma.gradient.values());
    step.gradient_scale = 1.0f;
    for (Trained* x : {&mean, &sigma}) {
      const AdamTensor a = x->tensor();
      adam_update(step, a.value, a.gradient, a.moment1, a.moment2);
    }
    // The same sums, rounded in another order; Adam's step is at most 0.01 and continuous.
    expect_close(fused_mean.value, mean.value, 2e-6, "mean");
    expect_close(fused_sigma.value, sigma.value, 2e-6, "log sigma");
    expect_close(fused_mean.moment1, mean.moment1, 1e-6, "first moment");
    expect_close(fused_sigma.moment2, sigma.moment2, 1e-6, "second moment");
    EXPECT_EQ(fused_mean.gradient, Matrix(1, n));
    EXPECT_EQ(fused_sigma.gradient, Matrix(1, n));
  }
}

TEST(AdamUpdateSparse, EqualsKlGradientThenAdam) {
  for_each_target([] {
    for (const SparseKl form : kForms) {
      for (const size_t n : {1u, 3u, 8u, 19u, 64u}) expect_kl_gradient_then_adam(form, n);
    }
  });
}

}  // namespace
}  // namespace ockham
