#include "ockham/train/temperature.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ockham/train/metrics.hpp"

namespace ockham {
namespace {

/// Texts whose logits are `times` what they should be: labels are drawn by the right ones.
struct Drawn {
  Matrix probabilities;
  LabelLists labels;
};

Drawn exclusive(size_t texts, size_t classes, double times) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  Drawn drawn{Matrix(texts, classes), {}};
  for (size_t i = 0; i < texts; ++i) {
    std::vector<double> right, shown;
    double sum = 0;
    for (size_t c = 0; c < classes; ++c) {
      const double a = 1.5 * normal(random);
      right.push_back(std::exp(a));
      shown.push_back(std::exp(times * a));
      sum += shown.back();
    }
    for (size_t c = 0; c < classes; ++c) {
      drawn.probabilities(i, c) = static_cast<float>(shown[c] / sum);
    }
    std::discrete_distribution<uint32_t> label(right.begin(), right.end());
    drawn.labels.add(std::vector<uint32_t>{label(random)});
  }
  return drawn;
}

double nll(const Drawn& drawn, double temperature) {
  Matrix p = drawn.probabilities;
  apply_temperature(temperature, ClassRelation::exclusive, p);
  return evaluate_predictions(p, drawn.labels.ids).nll;
}

TEST(Temperature, FindsByHowMuchLogitsAreTooLarge) {
  for (const size_t classes : {2u, 5u}) {
    for (const double times : {0.5, 1.0, 2.5}) {
      const Drawn drawn = exclusive(20'000, classes, times);
      const double fitted =
          fit_temperature(drawn.probabilities, drawn.labels, ClassRelation::exclusive);
      EXPECT_NEAR(fitted, times, 0.06 * times) << classes;  // of 20,000 labels
      // And nothing beside it is better.
      EXPECT_LE(nll(drawn, fitted), nll(drawn, fitted * 1.01) + 1e-9);
      EXPECT_LE(nll(drawn, fitted), nll(drawn, fitted * 0.99) + 1e-9);
    }
  }
}

TEST(Temperature, OfSeveralLabelsIsOneForAll) {
  std::mt19937 random(8);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  Matrix p(5'000, 3);
  LabelLists labels;
  for (size_t i = 0; i < p.rows(); ++i) {
    std::vector<uint32_t> of_text;
    for (uint32_t c = 0; c < 3; ++c) {
      const double a = 2 * normal(random);
      p(i, c) = static_cast<float>(1 / (1 + std::exp(-3 * a)));
      if (uniform(random) < 1 / (1 + std::exp(-a))) of_text.push_back(c);
    }
    labels.add(of_text);
  }
  const double fitted = fit_temperature(p, labels, ClassRelation::independent);
  EXPECT_NEAR(fitted, 3.0, 0.2);
  apply_temperature(fitted, ClassRelation::independent, p);
  EXPECT_NEAR(fit_temperature(p, labels, ClassRelation::independent), 1.0, 0.01);
}

TEST(Temperature, KeepsToItsBounds) {
  // All right, and not sure of it: as sure as it may be. All wrong: as unsure.
  Matrix p(200, 2, 0.4f);
  LabelLists right, wrong;
  for (size_t i = 0; i < 200; ++i) {
    p(i, 1) = 0.6f;
    right.add(std::vector<uint32_t>{1});
    wrong.add(std::vector<uint32_t>{0});
  }
  EXPECT_NEAR(fit_temperature(p, right, ClassRelation::exclusive), 0.2, 1e-3);
  EXPECT_NEAR(fit_temperature(p, wrong, ClassRelation::exclusive), 5.0, 1e-2);
  // Logits far past what a float close to 1 can tell count as what they are.
  Matrix sharp(400, 2);
  LabelLists half;
  for (size_t i = 0; i < 400; ++i) {
    sharp(i, 1) = 1.0f;
    sharp(i, 0) = std::exp(-40.0f);
    half.add(std::vector<uint32_t>{i % 100 == 0 ? 0u : 1u});
  }
  const double expected = 40.0 / std::log(99.0);  // beyond the bound
  EXPECT_GT(expected, 5.0);
  EXPECT_NEAR(fit_temperature(sharp, half, ClassRelation::exclusive), 5.0, 1e-2);
  apply_temperature(5.0, ClassRelation::exclusive, sharp);
  EXPECT_NEAR(sharp(0, 0), std::exp(-8.0f), 1e-6f);
  // 0 and 1 have logarithms too, and the most probable class stays what it is.
  Matrix sure(1, 2);
  sure(0, 1) = 1.0f;
  apply_temperature(5.0, ClassRelation::exclusive, sure);
  EXPECT_GT(sure(0, 1), 0.9f);
  EXPECT_NEAR(sure(0, 0) + sure(0, 1), 1.0f, 1e-6f);
  LabelLists few;
  for (size_t i = 0; i + 1 < kFewestForTemperature; ++i) few.add(std::vector<uint32_t>{1});
  EXPECT_EQ(fit_temperature(Matrix(few.size(), 2, 0.5f), few, ClassRelation::exclusive), 1.0);
}

}  // namespace
}  // namespace ockham
