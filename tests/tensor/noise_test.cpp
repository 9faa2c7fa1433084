#include "ockham/tensor/noise.hpp"

#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <set>
#include <vector>

#include "tests/support/each_target.hpp"

namespace ockham {
namespace {

constexpr uint64_t kSeed = 0x0123456789abcdefULL;
constexpr uint32_t kStep = 77, kTensor = 5;

std::vector<uint32_t> counting(size_t n, uint32_t first = 0) {
  std::vector<uint32_t> ids(n);
  std::iota(ids.begin(), ids.end(), first);
  return ids;
}

Matrix draw(const NoiseSource& noise, NoiseKind kind, uint32_t tensor,
            const std::vector<uint32_t>& rows, const std::vector<uint32_t>& columns) {
  Matrix m(rows.size(), columns.size());
  noise.matrix(kind, tensor, rows, columns, m);
  return m;
}

/// The four uniform numbers of one counter, by the reference implementation.
std::array<double, 4> reference_uniforms(uint32_t row, uint32_t block) {
  const r123::Philox4x32::ctr_type counter = {{kStep, kTensor, row, block}};
  const r123::Philox4x32::key_type key = {
      {static_cast<uint32_t>(kSeed), static_cast<uint32_t>(kSeed >> 32)}};
  const auto bits = r123::Philox4x32()(counter, key);
  std::array<double, 4> uniforms{};
  for (size_t k = 0; k < 4; ++k) uniforms[k] = ((bits[k] >> 9) + 0.5) * 0x1p-23;
  return uniforms;
}

/// Box and Muller on both pairs.
std::array<double, 4> reference_normals(uint32_t row, uint32_t block) {
  auto u = reference_uniforms(row, block);
  for (size_t k = 0; k < 4; k += 2) {
    const double radius = std::sqrt(-2.0 * std::log(u[k]));
    const double angle = 2.0 * std::numbers::pi * u[k + 1];
    u[k] = radius * std::cos(angle);
    u[k + 1] = radius * std::sin(angle);
  }
  return u;
}

// Up to 700 blocks, so that a row crosses the kernels' chunks.
const std::vector<uint32_t> kRows = {0, 1, 2, 99, 0xfffffffe};

TEST(PhiloxNoise, UniformNumbersAreThoseOfRandom123) {
  for_each_target([] {
    const auto columns = counting(2803);
    const Matrix m = draw(PhiloxNoise(kSeed, kStep), NoiseKind::uniform, kTensor, kRows, columns);
    for (size_t i = 0; i < kRows.size(); ++i) {
      for (size_t j = 0; j < columns.size(); ++j) {
        const auto expected = reference_uniforms(kRows[i], static_cast<uint32_t>(j / 4))[j % 4];
        ASSERT_EQ(m(i, j), expected) << i << ", " << j;  // (2k + 1) 2^-24 is exact in fp32
      }
    }
  });
}

TEST(PhiloxNoise, NormalNumbersAreBoxAndMullersOfRandom123) {
  for_each_target([] {
    const auto columns = counting(2803);
    const Matrix m = draw(PhiloxNoise(kSeed, kStep), NoiseKind::normal, kTensor, kRows, columns);
    for (size_t i = 0; i < kRows.size(); ++i) {
      for (size_t j = 0; j < columns.size(); ++j) {
        const auto expected = reference_normals(kRows[i], static_cast<uint32_t>(j / 4))[j % 4];
        // The angle is up to 2 pi and rounded to 2.4e-7; the radius is at most 5.8.
        ASSERT_NEAR(m(i, j), expected, 4e-6) << i << ", " << j;
      }
    }
  });
}

TEST(PhiloxNoise, PairsAreTheFirstNumberOfTheirCounter) {
  for_each_target([] {
    std::vector<uint32_t> rows, groups;
    for (uint32_t i = 0; i < 1100; ++i) {
      rows.push_back(i * 7919 % 13);
      groups.push_back(i * 104729 % 100003);
    }
    const PhiloxNoise noise(kSeed, kStep);
    std::vector<float> uniform(rows.size()), normal(rows.size());
    noise.pairs(NoiseKind::uniform, kTensor, rows, groups, uniform);
    noise.pairs(NoiseKind::normal, kTensor, rows, groups, normal);
    for (size_t i = 0; i < rows.size(); ++i) {
      ASSERT_EQ(uniform[i], reference_uniforms(rows[i], groups[i])[0]) << i;
      ASSERT_NEAR(normal[i], reference_normals(rows[i], groups[i])[0], 4e-6) << i;
    }
  });
}

TEST(PhiloxNoise, AnElementDoesNotDependOnWhoAsks) {
  const PhiloxNoise noise(kSeed, kStep);
  const auto rows = counting(23), columns = counting(41);
  const Matrix dense = draw(noise, NoiseKind::normal, kTensor, rows, columns);

  // What is left after pruning, in another order: survivors draw what they drew before.
  const std::vector<uint32_t> kept_rows = {22, 3, 4, 17}, kept_columns = {40, 1, 2, 39, 7, 21, 3};
  const Matrix small = draw(noise, NoiseKind::normal, kTensor, kept_rows, kept_columns);
  for (size_t i = 0; i < kept_rows.size(); ++i) {
    for (size_t j = 0; j < kept_columns.size(); ++j) {
      EXPECT_EQ(small(i, j), dense(kept_rows[i], kept_columns[j])) << i << ", " << j;
    }
  }
}

TEST(PhiloxNoise, WritesOnlyItsWindow) {
  const auto rows = counting(3), columns = counting(5);
  const PhiloxNoise noise(kSeed, kStep);
  Matrix whole(3, 9, -100.0f);
  noise.matrix(NoiseKind::uniform, kTensor, rows, columns, whole.view().column_range(2, 5));
  const Matrix alone = draw(noise, NoiseKind::uniform, kTensor, rows, columns);
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 9; ++j) {
      EXPECT_EQ(whole(i, j), j >= 2 && j < 7 ? alone(i, j - 2) : -100.0f);
    }
  }
}

TEST(PhiloxNoise, EverythingInTheCounterMatters) {
  const auto rows = counting(4), columns = counting(4);
  const auto of = [&](uint64_t seed, uint32_t step, uint32_t tensor) {
    return draw(PhiloxNoise(seed, step), NoiseKind::normal, tensor, rows, columns);
  };
  std::set<float> seen;
  for (const Matrix& m :
       {of(1, 1, 1), of(2, 1, 1), of(1ULL << 32 | 1, 1, 1), of(1, 2, 1), of(1, 1, 2)}) {
    seen.insert(m.values().begin(), m.values().end());
  }
  EXPECT_EQ(seen.size(), 5 * 16u);
  EXPECT_EQ(of(1, 1, 1), of(1, 1, 1));
}

TEST(PhiloxNoise, EveryTextHasASampleOfItsOwn) {
  const PhiloxNoise noise(1, 2);
  const std::vector<uint32_t> texts = {5, 5, 0, 9, 5}, rows = {0, 3, 3, 3, 3};
  const auto columns = counting(6);
  Matrix out(5, 6), alone(1, 6);
  noise.sequence_matrix(NoiseKind::normal, 4, texts, rows, columns, out);
  // An element is the same wherever it stands in the call, and no two are.
  noise.sequence_matrix(NoiseKind::normal, 4, std::span(texts).first(1), std::span(rows).last(1),
                        columns, alone);
  std::set<float> seen;
  for (size_t j = 0; j < 6; ++j) {
    EXPECT_EQ(out(1, j), out(4, j));
    EXPECT_EQ(out(1, j), alone(0, j));
    for (size_t i = 0; i < 4; ++i) seen.insert(out(i, j));
  }
  const Matrix shared = draw(noise, NoiseKind::normal, 4, rows, columns);
  seen.insert(shared.values().begin(), shared.values().end());
  EXPECT_EQ(seen.size(), 4 * 6u + 2 * 6u);
}

struct Moments {
  double mean = 0, variance = 0, skewness = 0, kurtosis = 0;
  explicit Moments(std::span<const float> x) {
    const double n = static_cast<double>(x.size());
    for (const float v : x) mean += v / n;
    for (const float v : x) {
      const double d = v - mean;
      variance += d * d / n;
      skewness += d * d * d / n;
      kurtosis += d * d * d * d / n;
    }
  }
};

TEST(PhiloxNoise, AMillionNormalNumbersHaveTheMomentsOfN01) {
  const Matrix m =
      draw(PhiloxNoise(kSeed, kStep), NoiseKind::normal, kTensor, counting(1000), counting(1000));
  const Moments moments(m.values());
  // Five standard errors: sqrt(1 / n), sqrt(2 / n), sqrt(15 / n), sqrt(96 / n).
  EXPECT_NEAR(moments.mean, 0.0, 0.005);
  EXPECT_NEAR(moments.variance, 1.0, 0.0071);
  EXPECT_NEAR(moments.skewness, 0.0, 0.0194);
  EXPECT_NEAR(moments.kurtosis, 3.0, 0.049);
  const auto [low, high] = std::minmax_element(m.values().begin(), m.values().end());
  EXPECT_LT(*low, -4.2f);  // 1e6 normal numbers reach beyond 4.2 with probability 1 - 2e-6
  EXPECT_GT(*high, 4.2f);
  EXPECT_LT(std::max(-*low, *high), 6.0f);
}

TEST(PhiloxNoise, UniformNumbersExcludeBothEnds) {
  const Matrix m =
      draw(PhiloxNoise(kSeed, kStep), NoiseKind::uniform, kTensor, counting(1000), counting(1000));
  const Moments moments(m.values());
  EXPECT_NEAR(moments.mean, 0.5, 0.0015);            // five times sqrt(1 / 12 n)
  EXPECT_NEAR(moments.variance, 1.0 / 12, 0.00038);  // five times sqrt(1 / 180 n)
  const auto [low, high] = std::minmax_element(m.values().begin(), m.values().end());
  EXPECT_GT(*low, 0.0f);
  EXPECT_LT(*high, 1.0f);
}

double correlation(std::span<const float> x, std::span<const float> y) {
  double sum = 0.0;
  for (size_t i = 0; i < x.size(); ++i) sum += double{x[i]} * y[i];
  return sum / static_cast<double>(x.size());
}

TEST(PhiloxNoise, NeighboursAreUncorrelated) {
  const auto rows = counting(500), columns = counting(500);
  const auto of = [&](uint32_t step, uint32_t tensor, const std::vector<uint32_t>& r,
                      const std::vector<uint32_t>& c) {
    return draw(PhiloxNoise(kSeed, step), NoiseKind::normal, tensor, r, c);
  };
  const Matrix here = of(1, 1, rows, columns);
  // Six standard errors of 1 / sqrt(250,000).
  constexpr double kAllowed = 0.012;
  EXPECT_NEAR(correlation(here.values(), of(1, 1, rows, counting(500, 1)).values()), 0, kAllowed);
  EXPECT_NEAR(correlation(here.values(), of(1, 1, rows, counting(500, 4)).values()), 0, kAllowed);
  EXPECT_NEAR(correlation(here.values(), of(1, 1, counting(500, 1), columns).values()), 0,
              kAllowed);
  EXPECT_NEAR(correlation(here.values(), of(2, 1, rows, columns).values()), 0, kAllowed);
  EXPECT_NEAR(correlation(here.values(), of(1, 2, rows, columns).values()), 0, kAllowed);
}

TEST(PhiloxNoise, NoRowsOrColumnsIsNoWork) {
  const PhiloxNoise noise(kSeed, kStep);
  Matrix empty;
  noise.matrix(NoiseKind::normal, kTensor, {}, counting(3), empty);
  noise.matrix(NoiseKind::normal, kTensor, counting(3), {}, empty);
  noise.pairs(NoiseKind::normal, kTensor, {}, {}, {});
  Matrix untouched(2, 2, 3.0f);
  noise.matrix(NoiseKind::none, kTensor, counting(2), counting(2), untouched);
  EXPECT_EQ(untouched, Matrix(2, 2, 3.0f));
}

TEST(PhiloxNoise, WhatIsDrawnBesideAParameterIsOtherNumbers) {
  const PhiloxNoise noise(1, 2);
  const std::vector<uint32_t> rows{3}, columns{0, 1, 2, 3};
  std::set<float> numbers;
  for (const uint32_t beside : {0u, kFlipoutInputSigns, kFlipoutOutputSigns, kLayerDropoutMask}) {
    Matrix out(1, 4);
    noise.matrix(NoiseKind::uniform, 7 | beside, rows, columns, out);
    numbers.insert(out.values().begin(), out.values().end());
  }
  EXPECT_EQ(numbers.size(), 16u);
}

}  // namespace
}  // namespace ockham
