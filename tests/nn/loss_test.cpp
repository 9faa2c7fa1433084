#include "ockham/nn/loss.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "tests/support/difference_quotient.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

Rows rows(const Matrix& m) {
  Rows all;
  for (size_t r = 0; r < m.rows(); ++r) all.emplace_back(m.row(r), m.row(r) + m.cols());
  return all;
}

double naive_loss(OutputKind kind, const Rows& logits, const Matrix& targets,
                  const std::vector<float>& weights) {
  double loss = 0.0;
  for (size_t b = 0; b < logits.size(); ++b) {
    double sum = 0.0, row = 0.0;
    for (const double a : logits[b]) sum += std::exp(a);
    for (size_t k = 0; k < logits[b].size(); ++k) {
      const double a = logits[b][k], q = targets(b, k), p = 1 / (1 + std::exp(-a));
      row -= kind == OutputKind::softmax ? q * std::log(std::exp(a) / sum)
                                         : q * std::log(p) + (1 - q) * std::log(1 - p);
    }
    const double weight = weights.empty() ? 1.0 : weights[b];
    loss += weight * row;
  }
  return loss / static_cast<double>(logits.size());
}

/// Soft targets; those of a softmax sum to 1.
Matrix soft_targets(std::mt19937& random, OutputKind kind, size_t n, size_t outputs) {
  Matrix q(n, outputs);
  std::uniform_real_distribution<float> uniform(0.05f, 0.95f);
  for (size_t b = 0; b < n; ++b) {
    float mass = 0.0f;
    for (size_t k = 0; k < outputs; ++k) mass += q(b, k) = uniform(random);
    for (size_t k = 0; k < outputs && kind == OutputKind::softmax; ++k) q(b, k) /= mass;
  }
  return q;
}

void expect_naive(OutputKind kind, const Matrix& logits, const Matrix& targets,
                  const std::vector<float>& weights) {
  Matrix gradient(logits.rows(), logits.cols(), 9.0f);  // it is written, not added to
  const double loss = cross_entropy(kind, logits, targets, weights, gradient);
  Rows a = rows(logits);
  // log-sum-exp in fp32: 1e-6 at values up to 10.
  EXPECT_NEAR(loss, naive_loss(kind, a, targets, weights), 2e-6);
  for (size_t b = 0; b < a.size(); ++b) {
    for (size_t k = 0; k < a[b].size(); ++k) {
      const double slope =
          difference_quotient(a[b][k], [&] { return naive_loss(kind, a, targets, weights); });
      EXPECT_NEAR(gradient(b, k), slope, 1e-6) << b << ", " << k;
    }
  }
}

TEST(CrossEntropy, EqualsTheNaiveOneAndItsSlopes) {
  std::mt19937 random(1);
  const std::vector<float> weights = {1.0f, 0.2f, 3.0f, 0.0f, 0.7f};
  for (const OutputKind kind : {OutputKind::softmax, OutputKind::sigmoid}) {
    for (const size_t outputs : {1u, 2u, 3u, 20u}) {
      SCOPED_TRACE(testing::Message() << output_kind_name(kind) << ", " << outputs);
      const Matrix logits = random_matrix(random, 5, outputs, 0.0f, 2.0f);
      const Matrix soft = soft_targets(random, kind, 5, outputs);
      expect_naive(kind, logits, soft, {});
      expect_naive(kind, logits, soft, weights);
      // Targets that fall short of 1, as an unlabelled text's all zeros, weigh less.
      expect_naive(kind, logits, soft_targets(random, OutputKind::sigmoid, 5, outputs), weights);
      expect_naive(kind, logits, Matrix(5, outputs), {});
      Matrix hard(5, outputs);
      for (size_t b = 0; b < 5; ++b) hard(b, b % outputs) = 1.0f;
      expect_naive(kind, logits, hard, {});
    }
  }
}

TEST(CrossEntropy, IsTheMeanOverTheBatchNotTheSum) {
  const Matrix one(1, 3, 0.7f), many(40, 3, 0.7f);
  Matrix q(1, 3), many_q(40, 3), g(1, 3), many_g(40, 3);
  q(0, 1) = 1.0f;
  for (size_t b = 0; b < 40; ++b) many_q(b, 1) = 1.0f;
  const double single = cross_entropy(OutputKind::softmax, one, q, {}, g);
  EXPECT_NEAR(single, std::log(3.0), 1e-6);
  EXPECT_NEAR(cross_entropy(OutputKind::softmax, many, many_q, {}, many_g), single, 1e-6);
  EXPECT_NEAR(many_g(7, 0), g(0, 0) / 40, 1e-7);
  // A text of weight 2 counts as two do: weights are not normalised by the batch.
  const std::vector<float> twos(40, 2.0f);
  EXPECT_NEAR(cross_entropy(OutputKind::softmax, many, many_q, twos, many_g), 2 * single, 1e-6);
  EXPECT_NEAR(many_g(7, 0), g(0, 0) / 20, 1e-7);
}

TEST(CrossEntropy, StaysFiniteFarOut) {
  for (const OutputKind kind : {OutputKind::softmax, OutputKind::sigmoid}) {
    Matrix logits(1, 2), q(1, 2), g(1, 2);
    logits(0, 0) = 1000.0f;
    logits(0, 1) = -1000.0f;
    q(0, 1) = 1.0f;  // as wrong as can be
    const double loss = cross_entropy(kind, logits, q, {}, g);
    EXPECT_NEAR(loss, 2000.0, 1e-3);
    EXPECT_NEAR(g(0, 0), 1.0, 1e-6);
    EXPECT_NEAR(g(0, 1), -1.0, 1e-6);
  }
}

TEST(CrossEntropy, LeavesOutUnknownTargetsOfSigmoids) {
  Matrix logits(1, 3), targets(1, 3), gradient(1, 3);
  logits(0, 0) = 0.3f;
  logits(0, 1) = -40.0f;
  targets(0, 0) = targets(0, 2) = 1.0f;
  targets(0, 1) = kUnknownTarget;
  const double loss = cross_entropy(OutputKind::sigmoid, logits, targets, {}, gradient);
  EXPECT_NEAR(loss, std::log1p(std::exp(-0.3)) + std::log(2.0), 1e-6);
  EXPECT_EQ(gradient(0, 1), 0.0f);
  EXPECT_NEAR(gradient(0, 2), -0.5f, 1e-6);
}

TEST(ClassProbabilities, SoftmaxAndSigmoid) {
  Matrix logits(2, 3);
  logits(0, 0) = 1.0f;
  logits(0, 2) = -1.0f;
  logits(1, 1) = 500.0f;
  const Matrix soft = class_probabilities(OutputKind::softmax, logits);
  const double sum = std::exp(1.0) + 1.0 + std::exp(-1.0);
  EXPECT_NEAR(soft(0, 0), std::exp(1.0) / sum, 1e-6);
  EXPECT_NEAR(soft(0, 1), 1.0 / sum, 1e-6);
  EXPECT_NEAR(soft(0, 2), std::exp(-1.0) / sum, 1e-6);
  EXPECT_NEAR(soft(1, 1), 1.0, 1e-6);
  EXPECT_NEAR(soft(1, 0), 0.0, 1e-6);
  const Matrix each = class_probabilities(OutputKind::sigmoid, logits);
  ASSERT_EQ(each.cols(), 3u);
  EXPECT_NEAR(each(0, 0), 1 / (1 + std::exp(-1.0)), 1e-6);
  EXPECT_NEAR(each(0, 1), 0.5, 1e-6);
}

TEST(ClassProbabilities, OneSigmoidIsTwoClasses) {
  Matrix logits(2, 1);
  logits(0, 0) = 2.0f;
  logits(1, 0) = -200.0f;
  const Matrix p = class_probabilities(OutputKind::sigmoid, logits);
  ASSERT_EQ(p.cols(), 2u);
  EXPECT_NEAR(p(0, 1), 1 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_NEAR(p(0, 0), 1 / (1 + std::exp(2.0)), 1e-6);
  EXPECT_EQ(p(1, 0), 1.0f);
  EXPECT_EQ(p(1, 1), 0.0f);
}

TEST(OutputKind, NamesAreReadBack) {
  for (const OutputKind kind : {OutputKind::softmax, OutputKind::sigmoid}) {
    EXPECT_EQ(parse_output_kind(output_kind_name(kind)), kind);
  }
  EXPECT_THROW(parse_output_kind("softplus"), Error);
}

}  // namespace
}  // namespace ockham
