#include "ockham/bayes/truncated_log_normal.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/oracle.hpp"

namespace ockham {
namespace {

bool in_reach(const nlohmann::json& row) {  // mu is projected to [-20, 0]
  return row["mu"] >= TruncatedLogNormal::kLow && row["mu"] <= TruncatedLogNormal::kHigh;
}

void expect_relative(double value, double expected, double tolerance, const std::string& what) {
  EXPECT_NEAR(value, expected, tolerance * std::abs(expected) + 1e-18) << what;
}

TEST(TruncatedLogNormal, EqualsThirtyDigitValues) {
  constexpr double kRelative = 1e-6;
  size_t checked = 0;
  for (const auto& row : read_oracle("truncated_log_normal_gradients", "rows")) {
    if (!in_reach(row)) continue;
    ++checked;
    const TruncatedLogNormal q(row["mu"], row["log_sigma"]);
    const std::string at = row["mu"].dump() + ", " + row["log_sigma"].dump();
    expect_relative(q.kl(), row["kl"], kRelative, "KL at " + at);
    expect_relative(q.kl_slopes().mu, row["d_mu"], kRelative, "dKL/dmu at " + at);
    expect_relative(q.kl_slopes().log_sigma, row["d_log_sigma"], kRelative, "dKL/ds at " + at);
    expect_relative(q.moment(1), row["mean"], kRelative, "E z at " + at);
    expect_relative(q.moment(2), row["second"], kRelative, "E z^2 at " + at);
    expect_relative(q.snr(), row["snr"], kRelative, "SNR at " + at);
    for (const auto& sample : row["samples"]) {
      const auto [log_z, slopes] = q.sample(sample["y"]);
      const std::string which = " of y " + sample["y"].dump() + " at " + at;
      expect_relative(log_z, sample["log_z"], kRelative, "log z" + which);
      EXPECT_NEAR(slopes.mu, sample["d_mu"], 1e-9) << "dlog z/dmu" << which;
      EXPECT_NEAR(slopes.log_sigma, sample["d_log_sigma"],
                  1e-9 * (1.0 + std::abs(sample["log_z"].get<double>())))
          << "dlog z/ds" << which;
    }
  }
  EXPECT_GE(checked, 10u);
  for (const auto& row : read_oracle("truncated_log_normal")) {
    if (!in_reach(row)) continue;
    const TruncatedLogNormal q(row["mu"], row["log_sigma"]);
    expect_relative(q.kl(), row["kl"], kRelative, "KL");
    expect_relative(q.moment(1), row["mean"], kRelative, "E z");
    expect_relative(q.snr(), row["snr"], kRelative, "SNR");
  }
}

/// All that training and pruning read, over mu in [-20, 0] and log sigma in [-6, 4], the corners
/// included.
TEST(TruncatedLogNormal, EqualsFiftyDigitQuadratureOverTheWholePlane) {
  const auto grid = read_oracle("log_normal_grid");
  const std::vector<double> samples = numbers(grid.at("samples"));
  const auto& rows = grid.at("rows");
  ASSERT_EQ(rows.size(), 11u * 21u);
  for (const auto& entry : rows) {
    const std::vector<double> row = numbers(entry);
    const TruncatedLogNormal q(row[0], row[1]);
    std::vector<double> values = {
        q.kl(),      q.kl_slopes().mu, q.kl_slopes().log_sigma, q.moment(1),
        q.moment(2), q.snr(),          q.mean_slopes().mu,      q.mean_slopes().log_sigma};
    for (const double y : samples) {
      const auto [log_z, slopes] = q.sample(y);
      values.insert(values.end(), {log_z, slopes.mu, slopes.log_sigma});
    }
    ASSERT_EQ(row.size(), 2 + values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      // NaN is not within anything. The grid has 0 for what is under 1e-40.
      EXPECT_LE(std::abs(values[i] - row[2 + i]), 1e-6 * std::abs(row[2 + i]) + 1e-40)
          << grid.at("columns")[2 + i] << " at " << row[0] << ", " << row[1] << ": " << values[i]
          << ", expected " << row[2 + i];
    }
  }
}

/// Over all of the plane: no NaN, and every slope is the difference quotient of its value.
TEST(TruncatedLogNormal, SlopesAreThoseOfTheValuesEverywhere) {
  constexpr double kStep = 1e-5;
  for (double mu = -20.0; mu <= 0.0; mu += 0.625) {
    for (double s = -6.0; s <= 4.0; s += 0.5) {
      const TruncatedLogNormal q(mu, s);
      const std::string at = std::to_string(mu) + ", " + std::to_string(s);
      const auto quotient = [&](bool by_mu, const auto& value) {
        // From inside at the ends: mu has nothing beyond them.
        const double low = by_mu ? std::max(mu - kStep, -20.0) : s - kStep;
        const double high = by_mu ? std::min(mu + kStep, 0.0) : s + kStep;
        const double above =
            value(by_mu ? TruncatedLogNormal(high, s) : TruncatedLogNormal(mu, high));
        const double below =
            value(by_mu ? TruncatedLogNormal(low, s) : TruncatedLogNormal(mu, low));
        return (above - below) / (high - low);
      };
      // A one-sided quotient is off by half a step of the second derivative, at most 1 / sigma^2.
      const bool at_end = mu == -20.0 || mu == 0.0;
      const double sigma = std::exp(s);
      const double rough = at_end ? kStep / (sigma * sigma) : 0.0;
      const auto kl = [](const TruncatedLogNormal& p) { return p.kl(); };
      const auto mean = [](const TruncatedLogNormal& p) { return std::log(p.moment(1)); };
      EXPECT_NEAR(q.kl_slopes().mu, quotient(true, kl), 1e-6 + 1e-6 / sigma + rough) << at;
      EXPECT_NEAR(q.kl_slopes().log_sigma, quotient(false, kl), 1e-6) << at;
      EXPECT_NEAR(q.mean_slopes().mu / q.moment(1), quotient(true, mean), 1e-6 + rough) << at;
      EXPECT_NEAR(q.mean_slopes().log_sigma / q.moment(1), quotient(false, mean), 2e-6) << at;
      EXPECT_FALSE(std::isnan(q.snr())) << at;
      for (const double y : {1e-5, 0.3, 1.0 - 1e-5}) {
        const auto log_z = [&](const TruncatedLogNormal& p) { return p.sample(y).log_z; };
        EXPECT_NEAR(q.sample(y).slopes.mu, quotient(true, log_z), 2e-6 + rough) << at << " " << y;
        EXPECT_NEAR(q.sample(y).slopes.log_sigma, quotient(false, log_z), 2e-5) << at << " " << y;
      }
    }
  }
}

TEST(TruncatedLogNormal, TheEndsOfTheSpreadAreNoTrap) {
  for (const double mu : {-20.0, -19.99, -7.0, -1e-6, 0.0}) {
    for (const double s : {-20.0, -12.0, 5.0}) {
      const TruncatedLogNormal q(mu, s);
      for (const double x :
           {q.kl(), q.kl_slopes().mu, q.kl_slopes().log_sigma, q.moment(1), q.moment(2),
            q.mean_slopes().mu, q.mean_slopes().log_sigma, q.sample(0.5).log_z,
            q.sample(0.0).slopes.mu, q.sample(1.0).slopes.log_sigma}) {
        EXPECT_TRUE(std::isfinite(x)) << mu << ", " << s;
      }
      EXPECT_GE(q.moment(1), 0.0);
      EXPECT_LE(q.moment(1), 1.0 + 1e-12);
    }
  }
}

}  // namespace
}  // namespace ockham
