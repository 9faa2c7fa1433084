#include "ockham/bayes/parameter.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "ockham/bayes/deterministic.hpp"
#include "ockham/bayes/sparse.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

using Ids = std::vector<uint32_t>;
using Mask = std::vector<uint8_t>;

Parameter sparse_parameter(size_t rows, size_t cols) {
  Parameter p("layer/weight", 7, rows, cols, std::make_shared<Sparse>(), -4.0f);
  std::mt19937 random(1);
  fill_normal(random, p.mean.values(), 0.0f, 1.0f);
  return p;
}

TEST(Parameter, StartsDense) {
  const Parameter p("layer/weight", 7, 2, 3, std::make_shared<Sparse>(), -4.0f);
  EXPECT_EQ(p.mean, Matrix(2, 3));
  EXPECT_EQ(p.spread, Matrix(2, 3, -4.0f));
  EXPECT_EQ(p.mean_gradient, Matrix(2, 3));
  EXPECT_EQ(p.spread_gradient, Matrix(2, 3));
  EXPECT_EQ(p.row_ids, (Ids{0, 1}));
  EXPECT_EQ(p.column_ids, (Ids{0, 1, 2}));
  EXPECT_TRUE(p.kept.empty());
}

TEST(Parameter, SetPosteriorKeepsTheMeans) {
  Parameter p = sparse_parameter(2, 3);
  const Matrix mean = p.mean;
  p.set_posterior(std::make_shared<Deterministic>(), 0.0f);
  EXPECT_TRUE(p.spread.empty());
  EXPECT_TRUE(p.spread_gradient.empty());
  EXPECT_EQ(p.kl(), 0.0);
  p.set_posterior(std::make_shared<Sparse>(), -2.0f);
  EXPECT_EQ(p.spread, Matrix(2, 3, -2.0f));
  EXPECT_EQ(p.spread_gradient, Matrix(2, 3));
  EXPECT_EQ(p.mean, mean);
  EXPECT_GT(p.kl(), 0.0);
}

TEST(Parameter, KlIsThePosteriorsOverAllElements) {
  const Parameter p = sparse_parameter(3, 4);
  EXPECT_EQ(p.kl(), Sparse().kl(p.mean.values(), p.spread.values()));
}

TEST(Parameter, KlOfNoiseOnActivationsIsOfOneFactorARow) {
  Parameter p("layer/weight", 7, 3, 4, make_posterior("variational-dropout"), -1.0f);
  const double of_all = p.kl();
  ASSERT_GT(std::abs(of_all), 0.0);
  p.estimator = Estimator::activation;
  EXPECT_NEAR(p.kl(), of_all / 4, 1e-9 * std::abs(of_all));
}

TEST(Parameter, KeepMaskIsTheCriterionAndWhatWentBefore) {
  Parameter p = sparse_parameter(2, 3);
  p.spread(0, 1) = 10.0f;
  EXPECT_EQ(p.keep_mask(), (Mask{1, 0, 1, 1, 1, 1}));
  p.kept = {1, 1, 1, 0, 1, 1};
  EXPECT_EQ(p.keep_mask(), (Mask{1, 0, 1, 0, 1, 1}));
}

TEST(Parameter, PruneSetsMeansToZeroAndRemembers) {
  Parameter p = sparse_parameter(2, 3);
  const Matrix before = p.mean;
  p.prune({1, 0, 1, 1, 1, 0});
  EXPECT_EQ(p.mean(0, 1), 0.0f);
  EXPECT_EQ(p.mean(1, 2), 0.0f);
  EXPECT_EQ(p.mean(0, 0), before(0, 0));
  EXPECT_EQ(p.kept, (Mask{1, 0, 1, 1, 1, 0}));
  // A step that moves a pruned mean does not bring the weight back.
  p.mean(0, 1) = 5.0f;
  const Matrix expectation = p.expectation();
  EXPECT_EQ(expectation(0, 1), 0.0f);
  EXPECT_EQ(expectation(0, 2), before(0, 2));
  EXPECT_EQ(p.keep_mask()[1], 0);
}

TEST(Parameter, SelectTakesEverythingAlong) {
  Parameter p = sparse_parameter(4, 5);
  for (size_t i = 0; i < p.spread.size(); ++i) p.spread.values()[i] = static_cast<float>(i);
  p.kept.assign(20, 1);
  p.kept[3 * 5 + 4] = 0;
  p.mean_gradient.fill(9.0f);
  const Matrix mean = p.mean, spread = p.spread;
  const Ids rows = {3, 1}, columns = {0, 4, 2};
  p.select(rows, columns);
  ASSERT_EQ(p.rows(), 2u);
  ASSERT_EQ(p.cols(), 3u);
  for (size_t r = 0; r < 2; ++r) {
    for (size_t c = 0; c < 3; ++c) {
      EXPECT_EQ(p.mean(r, c), mean(rows[r], columns[c]));
      EXPECT_EQ(p.spread(r, c), spread(rows[r], columns[c]));
    }
  }
  EXPECT_EQ(p.kept, (Mask{1, 0, 1, 1, 1, 1}));
  EXPECT_EQ(p.mean_gradient, Matrix(2, 3));
  EXPECT_EQ(p.spread_gradient, Matrix(2, 3));
  EXPECT_EQ(p.row_ids, (Ids{3, 1}));
  EXPECT_EQ(p.column_ids, (Ids{0, 4, 2}));
  // A second selection counts from what is there and keeps the original numbers.
  p.select(Ids{0}, Ids{1, 2});
  EXPECT_EQ(p.row_ids, (Ids{3}));
  EXPECT_EQ(p.column_ids, (Ids{4, 2}));
  EXPECT_EQ(p.kept, (Mask{0, 1}));
  EXPECT_EQ(p.mean(0, 1), mean(3, 2));
}

TEST(Parameter, SelectNothing) {
  Parameter p = sparse_parameter(3, 2);
  p.select({}, Ids{0, 1});
  EXPECT_EQ(p.rows(), 0u);
  EXPECT_EQ(p.cols(), 2u);
  EXPECT_EQ(p.kl(), 0.0);
  EXPECT_TRUE(p.keep_mask().empty());
  EXPECT_TRUE(p.expectation().empty());
}

}  // namespace
}  // namespace ockham
