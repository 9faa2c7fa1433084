#include "ockham/nn/word_sums.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <span>
#include <vector>

#include "tests/support/each_target.hpp"

namespace ockham {
namespace {

Matrix random_matrix(size_t rows, size_t cols, std::mt19937& random) {
  std::normal_distribution<float> normal;
  Matrix m(rows, cols);
  for (float& value : m.values()) value = normal(random);
  return m;
}

/// Words with no tokens, one, a few and many, in an order that is nobody's.
struct Words {
  explicit Words(std::mt19937& random) {
    for (const uint32_t count : {3u, 0u, 1u, 90u, 2u, 40u}) begin.push_back(begin.back() + count);
    tokens.resize(begin.back());
    std::iota(tokens.begin(), tokens.end(), 0u);
    row_of = tokens;
    std::ranges::shuffle(tokens, random);
    std::ranges::shuffle(row_of, random);
    std::uniform_real_distribution<float> uniform(0.5f, 1.5f);
    for (size_t i = 0; i < tokens.size(); ++i) multiplier.push_back(uniform(random));
  }

  size_t size() const { return begin.size() - 1; }

  std::vector<uint32_t> begin{0}, tokens, row_of;
  std::vector<float> multiplier;
};

/// The equations in double precision. Sums of up to 90 products of float, some 10 in size: 1e-4 is
/// more than their roundings can come to.
void expect_sums(const WordSums& words, size_t first, size_t count) {
  for (size_t w = first; w < first + count; ++w) {
    std::vector<double> sum(words.sums.cols, 0.0);
    for (size_t at = words.begin[w]; at < words.begin[w + 1]; ++at) {
      const uint32_t token = words.tokens[at];
      const float* ds = words.gradients.row(words.row_of[token]);
      const double z = words.multiplier.empty() ? 1.0 : words.multiplier[token];
      double inner = 0.0;
      for (size_t j = 0; j < sum.size(); ++j) {
        sum[j] += z * ds[j];
        inner += double{ds[j]} * words.projected.row(w)[j];
      }
      if (words.multiplier.empty()) continue;
      EXPECT_NEAR(words.inner[at], inner, 1e-4);
    }
    for (size_t j = 0; j < sum.size(); ++j) EXPECT_NEAR(words.sums.row(w)[j], sum[j], 1e-4);
  }
}

/// Matrices of two directions side by side, of which the second's columns are taken; without the
/// first and the last word.
void check(size_t width, bool scaled) {
  SCOPED_TRACE(testing::Message() << width << (scaled ? " scaled" : " plain"));
  std::mt19937 random(static_cast<uint32_t>(width));
  const Words words(random);
  const Matrix gradients = random_matrix(words.tokens.size(), width + 3, random);
  const Matrix projected = random_matrix(words.size(), 2 * width, random);
  Matrix sums(words.size(), 2 * width, 7.0f);
  std::vector<float> inner(words.tokens.size(), 7.0f);
  const WordSums all{.begin = words.begin,
                     .tokens = words.tokens,
                     .row_of = words.row_of,
                     .multiplier = scaled ? std::span(words.multiplier) : std::span<const float>(),
                     .gradients = gradients.view().column_range(1, width),
                     .projected = projected.view().column_range(width, width),
                     .sums = sums.view().column_range(width, width),
                     .inner = inner};
  const size_t last = words.size() - 1;
  sum_words(all, 1, last - 1);
  expect_sums(all, 1, last - 1);
  for (const size_t w : {size_t{0}, last}) EXPECT_EQ(sums(w, width), 7.0f) << "not asked for";
  EXPECT_EQ(sums(3, width - 1), 7.0f) << "the other direction's";
  for (size_t at = 0; at < inner.size(); ++at) {
    const bool asked = scaled && at >= words.begin[1] && at < words.begin[last];
    if (asked) continue;
    EXPECT_EQ(inner[at], 7.0f) << at;
  }
}

TEST(WordSums, AreWhatTheEquationsSayAtAnyWidth) {
  for_each_target([] {
    for (const size_t width : {4u, 8u, 12u, 16u, 20u, 32u, 48u, 64u, 80u}) {
      check(width, true);
      check(width, false);
    }
  });
}

}  // namespace
}  // namespace ockham
