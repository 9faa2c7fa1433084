#include "ockham/bayes/multiplier.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "ockham/bayes/deterministic.hpp"
#include "ockham/bayes/row_sample.hpp"
#include "ockham/bayes/sparse.hpp"
#include "ockham/tensor/error.hpp"
#include "tests/support/difference_quotient.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/random_matrix.hpp"
#include "tests/support/table_noise.hpp"

namespace ockham {
namespace {

using Ids = std::vector<uint32_t>;
constexpr uint32_t kTensorId = 9;

Parameter multipliers(size_t rows, size_t cols) {
  std::mt19937 random(1);
  Parameter p("multiplier", kTensorId, rows, cols, std::make_shared<Sparse>(), 0.0f);
  fill_normal(random, p.mean.values(), 1.0f, 0.3f);
  fill_normal(random, p.spread.values(), -1.0f, 0.5f);
  return p;
}

std::vector<double> doubles(const Matrix& m) {
  return {m.values().begin(), m.values().end()};
}

TEST(MultiplierSample, IsTheFormulaForGivenNoise) {
  Parameter p = multipliers(1, 5);
  std::mt19937 random(2);
  const Matrix e = random_matrix(random, 8, 5), g = random_matrix(random, 3, 5);
  TableNoise noise;
  noise.set(kTensorId, e);
  const Ids texts = {7, 0, 3};  // the noise belongs to the text, not to its place in the batch
  const MultiplierSample sample(p, texts, &noise);
  sample.add_gradient(p, g);

  // L = sum(g * z) in double precision
  auto m = doubles(p.mean), s = doubles(p.spread);
  const auto z = [&](size_t b, size_t j) { return m[j] + std::exp(s[j]) * e(texts[b], j); };
  const auto loss = [&] {
    double sum = 0.0;
    for (size_t b = 0; b < 3; ++b) {
      for (size_t j = 0; j < 5; ++j) sum += g(b, j) * z(b, j);
    }
    return sum;
  };
  for (size_t b = 0; b < 3; ++b) {
    for (size_t j = 0; j < 5; ++j) EXPECT_NEAR(sample.values()(b, j), z(b, j), 1e-6);
  }
  std::vector<double> dm, ds;
  for (double& v : m) dm.push_back(difference_quotient(v, loss));
  for (double& v : s) ds.push_back(difference_quotient(v, loss));
  expect_close(p.mean_gradient, dm, 2e-6, "dm");
  expect_close(p.spread_gradient, ds, 2e-6, "dlog s");
}

TEST(MultiplierSample, DiffersBetweenTextsAndBelongsToThem) {
  const Parameter p = multipliers(1, 6);
  const PhiloxNoise noise(1, 2);
  const MultiplierSample one(p, Ids{4, 9, 4}, &noise), other(p, Ids{9}, &noise);
  for (size_t j = 0; j < 6; ++j) {
    EXPECT_EQ(one.values()(0, j), one.values()(2, j));
    EXPECT_NE(one.values()(0, j), one.values()(1, j));
    EXPECT_EQ(one.values()(1, j), other.values()(0, j));
  }
}

TEST(MultiplierSample, WithoutNoiseIsTheExpectationWithPrunedOnesZero) {
  Parameter p = multipliers(1, 3);
  p.prune({1, 0, 1});
  const MultiplierSample sample(p, Ids{5, 6}, nullptr);
  for (size_t b = 0; b < 2; ++b) {
    EXPECT_EQ(sample.values()(b, 0), p.mean(0, 0));
    EXPECT_EQ(sample.values()(b, 1), 0.0f);
  }
  Matrix g(2, 3, 0.5f);
  g(1, 2) = 2.0f;
  sample.add_gradient(p, g);
  EXPECT_EQ(p.mean_gradient(0, 0), 1.0f);
  EXPECT_EQ(p.mean_gradient(0, 2), 2.5f);
}

TEST(WordMultiplierSample, IsTheFormulaForGivenNoise) {
  Parameter p = multipliers(6, 1);
  std::mt19937 random(3);
  const Matrix e = random_matrix(random, 4, 6);
  TableNoise noise;
  noise.set(kTensorId, e);
  // Text 2: words 5 1 5; text 0: words 1 3. Word 5 stands twice in one text, word 1 in both.
  const Ids texts = {2, 2, 2, 0, 0}, words = {5, 1, 5, 1, 3};
  const std::vector<float> g = {0.3f, -1.1f, 0.7f, 0.2f, -0.4f};
  const std::vector<float> in_another_order = {0.2f, 0.3f, 0.7f, -0.4f, -1.1f};
  const Ids place = {1, 4, 2, 0, 3};
  ThreadPool pool(1);
  const WordMultiplierSample sample(p, texts, words, noise, pool);
  sample.add_gradient(p, words, in_another_order, place, pool);

  auto m = doubles(p.mean), s = doubles(p.spread);
  const auto z = [&](size_t i) {
    return m[words[i]] + std::exp(s[words[i]]) * e(texts[i], words[i]);
  };
  const auto loss = [&] {
    double sum = 0.0;
    for (size_t i = 0; i < 5; ++i) sum += g[i] * z(i);
    return sum;
  };
  for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(sample.values()[i], z(i), 1e-6);
  std::vector<double> dm, ds;
  for (double& v : m) dm.push_back(difference_quotient(v, loss));
  for (double& v : s) ds.push_back(difference_quotient(v, loss));
  expect_close(p.mean_gradient, dm, 2e-6, "dm");
  expect_close(p.spread_gradient, ds, 2e-6, "dlog s");
}

TEST(WordMultiplierSample, IsOneNumberForEachWordOfAText) {
  const Parameter p = multipliers(10, 1);
  const PhiloxNoise noise(1, 2);
  const Ids texts = {3, 3, 3, 3, 8, 8}, words = {2, 7, 2, 2, 2, 7};
  ThreadPool pool(1);
  const auto all = WordMultiplierSample(p, texts, words, noise, pool);
  const auto z = all.values();
  EXPECT_EQ(z[0], z[2]);  // wherever the word stands
  EXPECT_EQ(z[0], z[3]);
  EXPECT_NE(z[0], z[4]);  // another text
  EXPECT_NE(z[1], z[5]);
  EXPECT_NE(z[0], z[1]);  // another word
}

TEST(WordMultiplierSample, SurvivorsDrawTheNumbersOfTheDenseModel) {
  const Parameter dense = multipliers(10, 1);
  Parameter small = dense;
  small.select(Ids{9, 4}, Ids{0});
  const PhiloxNoise noise(1, 2);
  const Ids texts = {3, 3, 5};
  ThreadPool pool(1);
  const WordMultiplierSample before(dense, texts, Ids{4, 9, 4}, noise, pool);
  const WordMultiplierSample after(small, texts, Ids{1, 0, 1}, noise, pool);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(before.values()[i], after.values()[i]);
}

TEST(WordMultiplierSample, IsTheSameOnMoreThreads) {
  constexpr size_t kTokens = 7'001;  // some threads' shares, and a rest
  std::mt19937 random(5);
  Ids texts(kTokens), words(kTokens), place(kTokens);
  std::vector<float> g(kTokens);
  for (size_t i = 0; i < kTokens; ++i) {
    texts[i] = static_cast<uint32_t>(i / 50);
    words[i] = static_cast<uint32_t>(random() % 10);
    place[i] = static_cast<uint32_t>(kTokens - 1 - i);
    g[i] = static_cast<float>(random() % 100) / 100.0f;
  }
  const PhiloxNoise noise(1, 2);
  std::vector<Parameter> done;
  std::vector<std::vector<float>> values;
  for (const size_t threads : {1, 3}) {
    ThreadPool pool(threads);
    Parameter p = multipliers(10, 1);
    const WordMultiplierSample sample(p, texts, words, noise, pool);
    sample.add_gradient(p, words, g, place, pool);
    values.emplace_back(sample.values().begin(), sample.values().end());
    done.push_back(std::move(p));
  }
  EXPECT_EQ(values[0], values[1]);
  EXPECT_NE(values[0][0], values[0][kTokens - 1]);
  EXPECT_EQ(done[0].mean_gradient, done[1].mean_gradient);
  EXPECT_EQ(done[0].spread_gradient, done[1].spread_gradient);
  EXPECT_GT(done[0].mean_gradient(9, 0), 0.0f);
}

TEST(RowSample, OfAColumnWithoutNoiseIsTheExpectationWithPrunedOnesZero) {
  Parameter p = multipliers(3, 1);
  p.prune({0, 1, 1});
  const Ids words = {0, 2};
  const RowSample sample(p, words, {}, nullptr);
  EXPECT_EQ(sample.values()(0, 0), 0.0f);
  EXPECT_EQ(sample.values()(1, 0), p.mean(2, 0));
  Matrix g(2, 1, 4.0f);
  sample.add_gradient(p, words, g);
  EXPECT_EQ(p.mean_gradient(2, 0), 4.0f);
  EXPECT_EQ(p.mean_gradient(1, 0), 0.0f);
}

TEST(RowSample, IsTheFormulaForGivenNoise) {
  Parameter p = multipliers(5, 3);
  std::mt19937 random(4);
  const Matrix e = random_matrix(random, 5, 3), g = random_matrix(random, 2, 3);
  TableNoise noise;
  noise.set(kTensorId, e);
  const Ids rows = {4, 1};
  const RowSample sample(p, rows, {}, &noise);
  sample.add_gradient(p, rows, g);
  for (size_t r = 0; r < 5; ++r) {
    for (size_t j = 0; j < 3; ++j) {
      const bool drawn = r == 4 || r == 1;
      const size_t i = r == 4 ? 0 : 1;
      const double se = std::exp(double{p.spread(r, j)}) * e(r, j);
      if (drawn) {
        EXPECT_NEAR(sample.values()(i, j), p.mean(r, j) + se, 1e-6);
      }
      EXPECT_EQ(p.mean_gradient(r, j), drawn ? g(i, j) : 0.0f);
      EXPECT_NEAR(p.spread_gradient(r, j), drawn ? g(i, j) * se : 0.0, 1e-6);
    }
  }
}

TEST(RowSample, ByTextIsTheFormulaForEachTextsNoise) {
  Parameter p = multipliers(5, 3);
  p.estimator = Estimator::sequence;
  std::mt19937 random(5);
  const Matrix e7 = random_matrix(random, 5, 3), e9 = random_matrix(random, 5, 3);
  const Matrix g = random_matrix(random, 3, 3);
  TableNoise noise;
  noise.set(kTensorId, 7, e7);
  noise.set(kTensorId, 9, e9);
  const Ids rows = {4, 1, 4}, texts = {7, 7, 9};
  const RowSample sample(p, rows, texts, &noise);
  sample.add_gradient(p, rows, g);
  for (size_t j = 0; j < 3; ++j) {
    const auto shift = [&](size_t i) {
      const Matrix& e = texts[i] == 7 ? e7 : e9;
      return std::exp(double{p.spread(rows[i], j)}) * e(rows[i], j);
    };
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(sample.values()(i, j), p.mean(rows[i], j) + shift(i), 1e-6);
    }
    // The row that both texts hold gets both gradients, each through its own noise.
    EXPECT_NEAR(p.mean_gradient(4, j), double{g(0, j)} + g(2, j), 1e-6);
    EXPECT_NEAR(p.spread_gradient(4, j), g(0, j) * shift(0) + g(2, j) * shift(2), 1e-6);
    EXPECT_NEAR(p.spread_gradient(1, j), g(1, j) * shift(1), 1e-6);
  }
}

TEST(RowSample, RefusesNoiseOfLocalReparametrization) {
  Parameter p = multipliers(2, 2);
  p.estimator = Estimator::local;
  const PhiloxNoise noise(1, 2);
  EXPECT_THROW(RowSample(p, Ids{0}, Ids{0}, &noise), Error);
  EXPECT_EQ(RowSample(p, Ids{0}, Ids{0}, nullptr).values()(0, 1), p.mean(0, 1));
}

TEST(RowSample, WithoutNoiseIsTheExpectationWithPrunedOnesZero) {
  Parameter p = multipliers(3, 2);
  p.prune({1, 1, 1, 1, 0, 1});
  p.mean(2, 0) = 7.0f;
  const Ids rows = {2, 0};
  const RowSample sample(p, rows, {}, nullptr);
  EXPECT_EQ(sample.values()(0, 0), 0.0f);
  EXPECT_EQ(sample.values()(0, 1), p.mean(2, 1));
  EXPECT_EQ(sample.values()(1, 0), p.mean(0, 0));
  sample.add_gradient(p, rows, Matrix(2, 2, 0.5f));
  EXPECT_EQ(p.mean_gradient(2, 1), 0.5f);
  EXPECT_EQ(p.mean_gradient(1, 1), 0.0f);
}

TEST(RowSample, SurvivorsDrawTheNumbersOfTheDenseModel) {
  const Parameter dense = multipliers(8, 6);
  Parameter small = dense;
  const Ids rows = {6, 3}, columns = {5, 1};
  small.select(rows, columns);
  const PhiloxNoise noise(1, 2);
  const RowSample before(dense, rows, {}, &noise), after(small, Ids{0, 1}, {}, &noise);
  EXPECT_EQ(after.values(), select_elements(before.values(), Ids{0, 1}, columns));
}

}  // namespace
}  // namespace ockham
