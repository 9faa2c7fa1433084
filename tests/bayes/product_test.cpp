#include "ockham/bayes/product.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "ockham/bayes/deterministic.hpp"
#include "ockham/bayes/local_product.hpp"
#include "ockham/bayes/sparse.hpp"
#include "ockham/tensor/error.hpp"
#include "tests/bayes/posterior_case.hpp"
#include "tests/support/difference_quotient.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/random_matrix.hpp"
#include "tests/support/table_noise.hpp"

namespace ockham {
namespace {

using Ids = std::vector<uint32_t>;
constexpr uint32_t kId = kCaseId;

ProductShape plain_shape(const Parameter& p, size_t slices = 1) {
  return {{1, p.cols(), p.cols()}, p.rows(), slices};
}

TEST(LocalProduct, ARowOfZerosHasNoNoiseAndNoGradient) {
  PosteriorCase c = read_posterior_case("local_per_weight");
  const Ids sequences = {0, 1, 2};
  c.parameter.estimator = Estimator::local;
  const auto product =
      draw_product(c.parameter, plain_shape(c.parameter), {sequences, {}}, &c.noise);
  std::fill_n(c.x.row(1), 4, 0.0f);
  Matrix y(3, 2), dx(3, 4);
  product->multiply(c.x, sequences, y, Accumulate::no);
  product->multiply_transposed(c.x, c.g, sequences, dx, Accumulate::no);
  EXPECT_EQ(y(1, 0), 0.0f);
  EXPECT_EQ(y(1, 1), 0.0f);
  for (size_t j = 0; j < 4; ++j) {
    const double through_mean =
        double{c.g(1, 0)} * c.parameter.mean(j, 0) + double{c.g(1, 1)} * c.parameter.mean(j, 1);
    EXPECT_NEAR(dx(1, j), through_mean, 1e-6);
  }
  product->add_gradient(0, c.x, c.g, sequences);
  product->finish(c.parameter);
  for (const float d : c.parameter.spread_gradient.values()) EXPECT_TRUE(std::isfinite(d));
}

TEST(LocalProduct, GradientsAreSlopes) {
  // L = sum(g * y) with different g, the formula in double precision.
  std::mt19937 random(1);
  constexpr size_t kRows = 5, kIn = 3, kOut = 4;
  Parameter p("weight", kId, kIn, kOut, std::make_shared<Sparse>(), 0.0f);
  fill_normal(random, p.mean.values(), 0.0f, 0.7f);
  fill_normal(random, p.spread.values(), -1.0f, 0.4f);
  const Matrix x = random_matrix(random, kRows, kIn), g = random_matrix(random, kRows, kOut);
  const Matrix e = random_matrix(random, kRows, kOut);
  TableNoise noise;
  noise.set(kId, e);
  const Ids sequences = {0, 1, 2, 3, 4};
  p.estimator = Estimator::local;
  const auto product = draw_product(p, plain_shape(p, 2), {sequences, {}}, &noise);
  Matrix dx(kRows, kIn, 0.5f);
  product->multiply_transposed(x, g, sequences, dx, Accumulate::yes);
  product->add_gradient(1, x.view().row_range(0, 2), g.view().row_range(0, 2), Ids{0, 1});
  product->add_gradient(0, x.view().row_range(2, 3), g.view().row_range(2, 3), Ids{2, 3, 4});
  p.mean_gradient.fill(1.0f);  // gradients are added to
  product->finish(p);

  std::vector<double> xs(x.values().begin(), x.values().end());
  std::vector<double> m(p.mean.values().begin(), p.mean.values().end());
  std::vector<double> s(p.spread.values().begin(), p.spread.values().end());
  const auto loss = [&] {
    double sum = 0.0;
    for (size_t r = 0; r < kRows; ++r) {
      for (size_t o = 0; o < kOut; ++o) {
        double mean = 0.0, variance = 0.0;
        for (size_t i = 0; i < kIn; ++i) {
          mean += xs[r * kIn + i] * m[i * kOut + o];
          variance += xs[r * kIn + i] * xs[r * kIn + i] * std::exp(2 * s[i * kOut + o]);
        }
        sum += g(r, o) * (mean + std::sqrt(variance) * e(r, o));
      }
    }
    return sum;
  };
  const auto slopes = [&](std::vector<double>& values, double offset) {
    std::vector<double> all;
    for (double& v : values) all.push_back(offset + difference_quotient(v, loss));
    return all;
  };
  expect_close(dx, slopes(xs, 0.5), 3e-6, "dx");
  expect_close(p.mean_gradient, slopes(m, 1.0), 3e-6, "dM");
  expect_close(p.spread_gradient, slopes(s, 0.0), 3e-6, "dlog s");
}

/// Rows drawn one by one for (text, step): as whole texts with that noise.
TEST(LocalProduct, RowsOfTokensHaveTheNoiseOfTheirTextAndStep) {
  std::mt19937 random(4);
  Parameter p("weight", kId, 3, 6, std::make_shared<Sparse>(), -1.0f);
  fill_normal(random, p.mean.values(), 0.0f, 1.0f);
  Parameter expected = p;
  p.estimator = expected.estimator = Estimator::local;
  TableNoise noise, plain_noise;
  const Matrix of_40 = random_matrix(random, 2, 6), of_7 = random_matrix(random, 1, 6);
  noise.set(kId, 40, of_40);
  noise.set(kId, 7, of_7);
  Matrix all(3, 6);
  std::copy_n(of_40.data(), 12, all.data());
  std::copy_n(of_7.data(), 6, all.row(2));
  plain_noise.set(kId, all);
  // Gates in two blocks of 3 widened to 4, and a column of x that counts as 0.
  const ProductShape wide{{2, 3, 4}, 4, 1};
  const auto tokens = draw_product(p, wide, {{40, 40, 7}, {0, 1, 0}}, &noise);
  const auto texts = draw_product(expected, plain_shape(expected), {{0, 1, 2}, {}}, &plain_noise);
  const Ids draws = {1, 2, 0};
  const Matrix x = random_matrix(random, 3, 4), g = random_matrix(random, 3, 8);
  const ConstMatrixView narrow_x = x.view().column_range(0, 3);
  Matrix narrow_g(3, 6), y(3, 8), narrow_y(3, 6), dx(3, 4), narrow_dx(3, 3);
  add_narrowed(g, wide.columns, narrow_g);
  tokens->multiply(x, draws, y, Accumulate::no);
  texts->multiply(narrow_x, draws, narrow_y, Accumulate::no);
  tokens->multiply_transposed(x, g, draws, dx, Accumulate::no);
  texts->multiply_transposed(narrow_x, narrow_g, draws, narrow_dx, Accumulate::no);
  for (size_t r = 0; r < 3; ++r) {
    for (size_t j = 0; j < 8; ++j) {
      EXPECT_NEAR(y(r, j), j % 4 == 3 ? 0.0 : narrow_y(r, j / 4 * 3 + j % 4), 2e-6);
    }
    for (size_t j = 0; j < 4; ++j) {
      EXPECT_NEAR(dx(r, j), j < 3 ? narrow_dx(r, j) : 0.0, 3e-6);
    }
  }
  tokens->add_gradient(0, x, g, draws);
  texts->add_gradient(0, narrow_x, narrow_g, draws);
  tokens->finish(p);
  texts->finish(expected);
  expect_close(p.mean_gradient, expected.mean_gradient, 3e-6, "dM");
  expect_close(p.spread_gradient, expected.spread_gradient, 3e-6, "dlog s");
}

TEST(LocalProduct, APosteriorWithoutNoiseHasAnOrdinaryProduct) {
  Parameter p("weight", kId, 2, 2, std::make_shared<Deterministic>(), 0.0f);
  p.mean.fill(2.0f);
  const TableNoise noise;
  p.estimator = Estimator::local;
  const auto product = draw_product(p, plain_shape(p), {{0}, {}}, &noise);
  Matrix y(1, 2);
  product->multiply(Matrix(1, 2, 1.0f), Ids{0}, y, Accumulate::no);
  EXPECT_EQ(y, Matrix(1, 2, 4.0f));
  // Asked for by itself, it says which parameter and posterior do not go together.
  try {
    const LocalProduct refused(p, plain_shape(p), {{0}, {}}, noise);
    FAIL() << "accepted";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("weight"), std::string::npos) << message;
    EXPECT_NE(message.find("deterministic"), std::string::npos) << message;
  }
}

TEST(LocalProduct, RefusesWeightsThatActOverTime) {
  Parameter p("weight_hh", kId, 2, 2, std::make_shared<Sparse>(), -1.0f);
  p.estimator = Estimator::local;
  const TableNoise noise;
  ProductShape shape = plain_shape(p);
  shape.over_time = true;
  try {
    draw_product(p, shape, {{0}, {}}, &noise);
    FAIL() << "accepted";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("weight_hh"), std::string::npos) << message;
    EXPECT_NE(message.find("time steps"), std::string::npos) << message;
  }
}

TEST(BatchProduct, WithoutNoiseIsTheExpectation) {
  PosteriorCase c = read_posterior_case("additive_per_weight");
  c.parameter.kept = {1, 0, 1, 1, 1, 1, 0, 1};  // and the means beneath stay
  for (const Estimator estimator : {Estimator::batch, Estimator::sequence, Estimator::local}) {
    c.parameter.estimator = estimator;
    const auto product =
        draw_product(c.parameter, plain_shape(c.parameter), {{0, 1, 2}, {}}, nullptr);
    Matrix y(3, 2);
    product->multiply(c.x, Ids{0, 1, 2}, y, Accumulate::no);
    for (size_t r = 0; r < 3; ++r) {
      for (size_t o = 0; o < 2; ++o) {
        double sum = 0.0;
        for (size_t i = 0; i < 4; ++i) {
          if (c.parameter.kept[i * 2 + o]) sum += double{c.x(r, i)} * c.parameter.mean(i, o);
        }
        EXPECT_NEAR(y(r, o), sum, 1e-6);
      }
    }
  }
}

TEST(Product, WhatIsPrunedTakesNoPart) {
  std::mt19937 random(5);
  const Matrix x = random_matrix(random, 3, 4), g = random_matrix(random, 3, 2);
  const Ids texts = {40, 7, 23}, draws = {0, 1, 2};
  for (const Estimator estimator : {Estimator::batch, Estimator::sequence, Estimator::flipout,
                                    Estimator::activation, Estimator::local}) {
    SCOPED_TRACE(estimator_name(estimator));
    const bool activation = estimator == Estimator::activation;
    Parameter p("weight", kId, 4, 2, make_posterior(activation ? "gaussian-dropout:0.3" : "sparse"),
                -1.0f);
    fill_normal(random, p.mean.values(), 0.0f, 1.0f);
    p.estimator = estimator;
    Parameter cleared = p;
    p.kept = {1, 0, 1, 1, 0, 1, 0, 1};
    cleared.prune(p.kept);
    for (size_t i = 0; i < p.kept.size() && !activation; ++i) {
      if (!p.kept[i]) cleared.spread.values()[i] = -50.0f;  // nor does its noise
    }
    const auto products = [&](const Parameter& parameter) {
      const PhiloxNoise noise(1, 2);
      const auto product = draw_product(parameter, plain_shape(parameter), {texts, {}}, &noise);
      Matrix y(3, 2), dx(3, 4);
      product->multiply(x, draws, y, Accumulate::no);
      product->multiply_transposed(x, g, draws, dx, Accumulate::no);
      return std::pair(y, dx);
    };
    EXPECT_EQ(products(p), products(cleared));
    p.kept.clear();
    EXPECT_NE(products(p), products(cleared));
  }
}

TEST(BatchProduct, WideColumnsAndRowsChangeNothing) {
  // Two blocks of 3 columns padded to 4, rows padded from 3 to 5; gradients in two slices.
  std::mt19937 random(2);
  Parameter p("weight", kId, 3, 6, std::make_shared<Sparse>(), -1.0f);
  fill_normal(random, p.mean.values(), 0.0f, 1.0f);
  Parameter plain = p;
  TableNoise noise;
  noise.set(kId, random_matrix(random, 3, 6));
  const ProductShape shape{{2, 3, 4}, 5, 2};
  const auto wide = draw_product(p, shape, {}, &noise);
  const auto narrow = draw_product(plain, plain_shape(plain), {}, &noise);
  const Matrix x = random_matrix(random, 7, 5), g = random_matrix(random, 7, 8);
  Matrix y(7, 8), dx(7, 5), narrow_y(7, 6), narrow_dx(7, 3), narrow_g(7, 6);
  add_narrowed(g, shape.columns, narrow_g);
  const ConstMatrixView narrow_x = x.view().column_range(0, 3);

  wide->multiply(x, {}, y, Accumulate::no);
  narrow->multiply(narrow_x, {}, narrow_y, Accumulate::no);
  wide->multiply_transposed(x, g, {}, dx, Accumulate::no);
  narrow->multiply_transposed(narrow_x, narrow_g, {}, narrow_dx, Accumulate::no);
  for (size_t r = 0; r < 7; ++r) {
    for (size_t j = 0; j < 8; ++j) {
      const double expected = j % 4 == 3 ? 0.0 : narrow_y(r, j / 4 * 3 + j % 4);
      EXPECT_NEAR(y(r, j), expected, 2e-6) << r << ", " << j;
    }
    for (size_t j = 0; j < 5; ++j) {
      EXPECT_NEAR(dx(r, j), j < 3 ? narrow_dx(r, j) : 0.0, 2e-6) << r << ", " << j;
    }
  }
  wide->add_gradient(1, x.view().row_range(0, 4), g.view().row_range(0, 4), {});
  wide->add_gradient(0, x.view().row_range(4, 3), g.view().row_range(4, 3), {});
  narrow->add_gradient(0, narrow_x, narrow_g, {});
  wide->finish(p);
  narrow->finish(plain);
  expect_close(p.mean_gradient, plain.mean_gradient, 2e-6, "dM");
  expect_close(p.spread_gradient, plain.spread_gradient, 2e-6, "dlog s");
}

/// Every sequence of a mini-batch by itself must be a batch sample with that text's noise.
TEST(SequenceProduct, IsABatchSampleForEachSequence) {
  std::mt19937 random(3);
  Parameter p("weight", kId, 3, 6, std::make_shared<Sparse>(), -1.0f);
  fill_normal(random, p.mean.values(), 0.0f, 1.0f);
  Parameter expected = p;
  p.estimator = Estimator::sequence;
  const Ids texts = {40, 7, 23};
  TableNoise noise;
  std::vector<Matrix> e;
  for (const uint32_t text : texts) {
    e.push_back(random_matrix(random, 3, 6));
    noise.set(kId, text, e.back());
  }
  const ProductShape shape{{2, 3, 4}, 5, 2, true};
  const auto product = draw_product(p, shape, {texts, {}}, &noise);
  // Rows of a sequence together and apart, in two slices.
  const Ids sequences = {2, 0, 0, 1, 2, 0, 1};
  const Matrix x = random_matrix(random, 7, 5), g = random_matrix(random, 7, 8);
  Matrix y(7, 8, 0.5f), dx(7, 5, 0.25f);
  product->multiply(x, sequences, y, Accumulate::yes);
  product->multiply_transposed(x, g, sequences, dx, Accumulate::yes);
  product->add_gradient(1, x.view().row_range(0, 3), g.view().row_range(0, 3), Ids{2, 0, 0});
  product->add_gradient(0, x.view().row_range(3, 4), g.view().row_range(3, 4), Ids{1, 2, 0, 1});
  product->finish(p);

  for (uint32_t b = 0; b < texts.size(); ++b) {
    TableNoise own;
    own.set(kId, e[b]);
    const auto alone = draw_product(expected, shape, {}, &own);
    for (size_t r = 0; r < 7; ++r) {
      if (sequences[r] != b) continue;
      Matrix y_row(1, 8, 0.5f), dx_row(1, 5, 0.25f);
      const ConstMatrixView x_row = x.view().row_range(r, 1), g_row = g.view().row_range(r, 1);
      alone->multiply(x_row, {}, y_row, Accumulate::yes);
      alone->multiply_transposed(x_row, g_row, {}, dx_row, Accumulate::yes);
      alone->add_gradient(0, x_row, g_row, {});
      for (size_t j = 0; j < 8; ++j) EXPECT_NEAR(y(r, j), y_row(0, j), 2e-6) << r << ", " << j;
      for (size_t j = 0; j < 5; ++j) EXPECT_NEAR(dx(r, j), dx_row(0, j), 2e-6) << r << ", " << j;
    }
    alone->finish(expected);
  }
  expect_close(p.mean_gradient, expected.mean_gradient, 5e-6, "dM");
  expect_close(p.spread_gradient, expected.spread_gradient, 5e-6, "dlog s");
}

TEST(BatchProduct, SurvivorsDrawTheNumbersOfTheDenseModel) {
  Parameter dense("weight", kId, 6, 9, std::make_shared<Sparse>(), 0.0f);
  Parameter small = dense;
  const Ids rows = {5, 2}, columns = {8, 0, 3};
  small.select(rows, columns);
  const auto weights = [](const Parameter& p) {  // x = identity gives W itself
    const PhiloxNoise noise(1, 2);
    const auto product = draw_product(p, plain_shape(p), {}, &noise);
    Matrix identity(p.rows(), p.rows()), w(p.rows(), p.cols());
    for (size_t i = 0; i < p.rows(); ++i) identity(i, i) = 1.0f;
    product->multiply(identity, {}, w, Accumulate::no);
    return w;
  };
  EXPECT_EQ(weights(small), select_elements(weights(dense), rows, columns));
}

}  // namespace
}  // namespace ockham
