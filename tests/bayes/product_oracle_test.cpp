#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "ockham/bayes/log_normal.hpp"
#include "ockham/bayes/multiplier.hpp"
#include "ockham/bayes/product.hpp"
#include "tests/bayes/posterior_case.hpp"
#include "tests/support/expect_close.hpp"

// Every posterior and estimator against PyTorch's autograd, for stated noise.
namespace ockham {
namespace {

using Ids = std::vector<uint32_t>;
constexpr double kTolerance = 3e-6;  // values of about 1 to 5 after some ten fp32 roundings
// Where flipout's signs stand in the noise: they are drawn as uniform numbers.
constexpr uint32_t kInputSigns = kCaseId | kFlipoutInputSigns;
constexpr uint32_t kOutputSigns = kCaseId | kFlipoutOutputSigns;

struct OracleCase {
  const char* name;
  Estimator estimator;
  NoiseScope scope;
};
std::ostream& operator<<(std::ostream& out, const OracleCase& c) {
  return out << c.name;
}

const OracleCase kCases[] = {
    {"additive_per_weight", Estimator::batch, NoiseScope::batch},
    {"additive_per_layer", Estimator::batch, NoiseScope::batch},
    {"gaussian", Estimator::batch, NoiseScope::batch},
    {"variational_layer", Estimator::batch, NoiseScope::batch},
    {"variational_unit", Estimator::batch, NoiseScope::batch},
    {"variational_weight", Estimator::batch, NoiseScope::batch},
    {"gaussian_activations", Estimator::activation, NoiseScope::sequence},
    {"local_per_weight", Estimator::local, NoiseScope::row},
    {"local_per_layer", Estimator::local, NoiseScope::row},
    {"local_multiplicative", Estimator::local, NoiseScope::row},
    {"flipout", Estimator::flipout, NoiseScope::sequence},
    {"flipout_out", Estimator::flipout, NoiseScope::sequence},
};

class ProductOracle : public testing::TestWithParam<OracleCase> {
 protected:
  ProductOracle() : case_(read_posterior_case(GetParam().name)) {
    case_.parameter.estimator = GetParam().estimator;
    for (const auto& [key, tensor] : {std::pair{"t", kInputSigns}, {"r", kOutputSigns}}) {
      if (!case_.values.contains(key)) continue;
      Matrix uniform = to_matrix(case_.values[key], 3);
      for (float& u : uniform.values()) u = u > 0.0f ? 0.75f : 0.25f;
      case_.noise.set(tensor, uniform);
    }
  }

  ProductShape shape() const { return {{1, 2, 2}, 4, 2}; }

  PosteriorCase case_;
};

INSTANTIATE_TEST_SUITE_P(Posteriors, ProductOracle, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(ProductOracle, EqualsAutograd) {
  const Ids rows = {0, 1, 2};
  Parameter& p = case_.parameter;
  const auto product = draw_product(p, shape(), {rows, {}}, &case_.noise);
  EXPECT_EQ(noise_scope(p, &case_.noise), GetParam().scope);
  Matrix y(3, 2), dx(3, 4);
  product->multiply(case_.x, rows, y, Accumulate::no);
  product->multiply_transposed(case_.x, case_.g, rows, dx, Accumulate::no);
  // The sums of two slices.
  product->add_gradient(1, case_.x.view().row_range(0, 1), case_.g.view().row_range(0, 1), Ids{0});
  product->add_gradient(0, case_.x.view().row_range(1, 2), case_.g.view().row_range(1, 2),
                        Ids{1, 2});
  product->finish(p);
  expect_close(y, numbers(case_.values["y"]), kTolerance, "y");
  expect_close(dx, numbers(case_.values["grad_x"]), kTolerance, "dx");
  expect_close(p.mean_gradient, numbers(case_.values["grad_M"]), kTolerance, "dM");
  if (p.spread.empty()) return;
  const char* spread = case_.values.contains("log_s") ? "grad_log_s" : "grad_log_alpha";
  expect_close(p.sum_shared(p.spread_gradient), numbers(case_.values[spread]), 2 * kTolerance,
               spread);
}

TEST_P(ProductOracle, RowsInAnyOrder) {
  // Rows of x in another order, one of them twice, with the draws they belong to.
  const auto product = draw_product(case_.parameter, shape(), {{0, 1, 2}, {}}, &case_.noise);
  const Ids draws = {2, 0, 2};
  Matrix x(3, 4), y(3, 2, 1.0f), g(3, 2), dx(3, 4, 0.5f);
  for (size_t r = 0; r < 3; ++r) {
    std::copy_n(case_.x.row(draws[r]), 4, x.row(r));
    std::copy_n(case_.g.row(draws[r]), 2, g.row(r));
  }
  product->multiply(x, draws, y, Accumulate::yes);
  product->multiply_transposed(x, g, draws, dx, Accumulate::yes);
  const Matrix of_y = to_matrix(case_.values["y"], 3);
  const Matrix of_dx = to_matrix(case_.values["grad_x"], 3);
  for (size_t r = 0; r < 3; ++r) {
    for (size_t j = 0; j < 2; ++j) {
      EXPECT_NEAR(y(r, j), 1.0 + of_y(draws[r], j), 2 * kTolerance) << r;
    }
    for (size_t j = 0; j < 4; ++j) {
      EXPECT_NEAR(dx(r, j), 0.5 + of_dx(draws[r], j), 2 * kTolerance) << r;
    }
  }
}

TEST_P(ProductOracle, WideColumnsAndRowsChangeNothing) {
  // The two columns as blocks of 1 padded to 4, and a column of x beyond the parameter's rows.
  const ProductShape wide{{2, 1, 4}, 5, 1};
  const Ids rows = {0, 1, 2};
  Parameter& p = case_.parameter;
  const auto product = draw_product(p, wide, {rows, {}}, &case_.noise);
  Matrix x(3, 5, 7.0f), g(3, 8), y(3, 8), dx(3, 5);
  for (size_t r = 0; r < 3; ++r) {
    std::copy_n(case_.x.row(r), 4, x.row(r));
    for (size_t j = 0; j < 2; ++j) g(r, 4 * j) = case_.g(r, j);
  }
  product->multiply(x, rows, y, Accumulate::no);
  product->multiply_transposed(x, g, rows, dx, Accumulate::no);
  product->add_gradient(0, x, g, rows);
  product->finish(p);
  const Matrix of_y = to_matrix(case_.values["y"], 3);
  const Matrix of_dx = to_matrix(case_.values["grad_x"], 3);
  for (size_t r = 0; r < 3; ++r) {
    for (size_t j = 0; j < 8; ++j) {
      EXPECT_NEAR(y(r, j), j % 4 == 0 ? of_y(r, j / 4) : 0.0f, kTolerance) << r << ", " << j;
    }
    for (size_t j = 0; j < 5; ++j) {
      EXPECT_NEAR(dx(r, j), j < 4 ? of_dx(r, j) : 0.0f, kTolerance) << r << ", " << j;
    }
  }
  expect_close(p.mean_gradient, numbers(case_.values["grad_M"]), kTolerance, "dM");
}

TEST(MultiplierOracle, LogNormalEqualsAutograd) {
  // y = x * z: the multipliers of three sequences.
  nlohmann::json values;
  for (const auto& c : read_oracle("posteriors", "cases")) {
    if (c["name"] == "log_normal") values = c;
  }
  Parameter p("multiplier", kCaseId, 1, 4, std::make_shared<LogNormal>(), 0.0f);
  p.mean = to_matrix(values["mu"], 1);
  p.spread = to_matrix(values["log_sigma"], 1);
  TableNoise noise;
  noise.set(kCaseId, to_matrix(values["y01"], 3));
  const MultiplierSample sample(p, Ids{0, 1, 2}, &noise);
  expect_close(sample.values(), numbers(values["z"]), kTolerance, "z");
  Matrix dz = to_matrix(values["weight_of_y"], 3);
  const Matrix x = to_matrix(values["x"], 3);
  for (size_t i = 0; i < dz.size(); ++i) dz.values()[i] *= x.values()[i];
  sample.add_gradient(p, dz);
  expect_close(p.mean_gradient, numbers(values["grad_mu"]), kTolerance, "dmu");
  expect_close(p.spread_gradient, numbers(values["grad_log_sigma"]), kTolerance, "dlog sigma");
}

}  // namespace
}  // namespace ockham
