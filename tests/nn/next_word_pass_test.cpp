#include "ockham/nn/next_word_pass.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/precision.hpp"
#include "tests/support/expect_slopes.hpp"
#include "tests/support/sample_network.hpp"

// The language model's loss against its definition, and its gradient against slopes.

namespace ockham {
namespace {

constexpr uint32_t kLanguageWords = 9;
const std::vector<size_t> kLanguageLengths = {3, 7, 1, 0, 4, 2};
const std::vector<uint32_t> kNegatives = {4, 0, 7, 4, 2};

NetworkShape shape_of(Cell cell, size_t layers, bool bidirectional) {
  return {.words = kLanguageWords,
          .embedding = 3,
          .hidden = 3,
          .bidirectional = bidirectional,
          .outputs = 2,
          .groups = kAllGroups,
          .cell = cell,
          .layers = layers};
}

/// Sum over a text's tokens by the definition, in double precision, and their number.
std::pair<double, size_t> expected_loss(const Network& network, const TokenBatch& batch) {
  ThreadPool pool;
  RecurrentStack stack(network, batch, nullptr, pool, {});
  stack.forward(network, pool, [](size_t, size_t) {});
  const auto score = [&](size_t d, size_t row, uint32_t word) {
    double sum = 0.0;
    for (size_t j = 0; j < network.embedding.cols(); ++j) {
      sum += double{stack.output(d)(row, j)} * double{network.embedding.mean(word, j)};
    }
    return sum;
  };
  double loss = 0.0;
  size_t predictions = 0;
  for (size_t d = 0; d < stack.directions(); ++d) {
    for (size_t b = 0; b < batch.size(); ++b) {
      for (uint32_t i = batch.offsets[b]; i < batch.offsets[b + 1]; ++i) {
        const bool is_last = d == 0 ? i + 1 == batch.offsets[b + 1] : i == batch.offsets[b];
        if (is_last) continue;
        const uint32_t target = batch.words[d == 0 ? i + 1 : i - 1];
        const size_t row = stack.packed().row_of[d][i];
        double sum = std::exp(score(d, row, target));
        for (const uint32_t n : kNegatives) {
          if (n != target) sum += std::exp(score(d, row, n));
        }
        loss += std::log(sum) - score(d, row, target);
        ++predictions;
      }
    }
  }
  return {loss, predictions};
}

struct LanguageKind {
  Cell cell;
  size_t layers;
  bool bidirectional;
};

class NextWord : public testing::TestWithParam<LanguageKind> {
 protected:
  NextWord() : batch_(sample_batch(kLanguageLengths, kLanguageWords, 2)) {
    const auto [cell, layers, bidirectional] = GetParam();
    network_ = sample_network(shape_of(cell, layers, bidirectional), 3, false);
  }

  TokenBatch batch_;
  Network network_;
  ThreadPool pool_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, NextWord,
                         testing::Values(LanguageKind{Cell::lstm, 1, true},
                                         LanguageKind{Cell::gru, 1, false},
                                         LanguageKind{Cell::lstm, 2, true}));

TEST_P(NextWord, LossIsAsDefined) {
  const NextWordPass pass(network_, batch_, kNegatives, pool_);
  const auto [loss, predictions] = expected_loss(network_, batch_);
  EXPECT_EQ(pass.predictions(), predictions);
  EXPECT_EQ(predictions, GetParam().bidirectional ? 24u : 12u);
  EXPECT_NEAR(pass.loss(), loss / static_cast<double>(predictions), 1e-6);
}

TEST_P(NextWord, GradientsAreSlopes) {
  NextWordPass(network_, batch_, kNegatives, pool_).backward(network_, pool_);
  expect_slopes(network_, false, 0.02f, 6e-5,
                [&] { return NextWordPass(network_, batch_, kNegatives, pool_).loss(); });
}

/// Of more rows than are worked on at once, and of units in more than one vector.
TEST(NextWordPass, IsTheSameForAnyNumberOfThreads) {
  NetworkShape shape = shape_of(Cell::lstm, 1, true);
  shape.embedding = shape.hidden = 20;
  const TokenBatch batch = sample_batch({300, 40, 5, 280, 150}, kLanguageWords, 2);
  const Network start = sample_network(shape, 3, false);
  std::vector<Matrix> gradients;
  for (const size_t threads : {1, 4}) {
    Network network = start;
    ThreadPool pool(threads);
    NextWordPass pass(network, batch, kNegatives, pool);
    EXPECT_NEAR(pass.loss(), expected_loss(network, batch).first / double(pass.predictions()),
                1e-5);
    pass.backward(network, pool);
    gradients.push_back(network.embedding.mean_gradient);
    gradients.push_back(network.layers[0].directions[1].weight_hh.mean_gradient);
  }
  EXPECT_EQ(gradients[0], gradients[2]);
  EXPECT_EQ(gradients[1], gradients[3]);
}

/// Products large enough to be rounded: each factor to 8 bits, so that a score errs by some 0.3% of
/// its terms' norm, the mean loss by less.
TEST(NextWordPass, RoundsLargeProductsWhereAskedTo) {
  if (!multiplies_bf16()) GTEST_SKIP() << "this processor has no products of bf16";
  NetworkShape shape = shape_of(Cell::lstm, 1, true);
  shape.embedding = shape.hidden = 96;
  const TokenBatch batch = sample_batch({120, 40, 5, 80}, kLanguageWords, 2);
  shape.groups = {};
  // As training starts: the sample network's weights are so large that roundings grow from step to
  // step.
  Network exact = make_network(shape, 3);
  Network rounded = exact;
  std::vector<uint32_t> negatives;
  for (uint32_t n = 0; n < 400; ++n) negatives.push_back(n * 7 % kLanguageWords);
  ThreadPool pool;
  NextWordPass whole(exact, batch, negatives, pool);
  NextWordPass pass(rounded, batch, negatives, pool, {.precision = Precision::bf16});
  EXPECT_NE(pass.loss(), whole.loss());
  EXPECT_NEAR(pass.loss(), whole.loss(), 2e-3 * whole.loss());
  whole.backward(exact, pool);
  pass.backward(rounded, pool);
  const auto norm_of = [](std::span<const float> values, std::span<const float> less) {
    double sum = 0.0;
    for (size_t i = 0; i < values.size(); ++i) {
      const double d = double{values[i]} - (less.empty() ? 0.0 : double{less[i]});
      sum += d * d;
    }
    return std::sqrt(sum);
  };
  const auto expected = exact.embedding.mean_gradient.values();
  EXPECT_LT(norm_of(rounded.embedding.mean_gradient.values(), expected),
            0.02 * norm_of(expected, {}));
}

TEST(NextWordPass, ItsTimeIsNotTheRecurrences) {
  Network network = sample_network(shape_of(Cell::lstm, 1, true), 3, false);
  const TokenBatch batch = sample_batch(kLanguageLengths, kLanguageWords, 2);
  ThreadPool pool(1);
  Profile profile;
  const auto seconds = [&](std::string_view part) {
    const std::vector<Profile::Row> rows = profile.rows();
    const auto row = std::ranges::find(rows, part, &Profile::Row::part);
    return row == rows.end() ? 0.0 : row->seconds;
  };
  NextWordPass pass(network, batch, kNegatives, pool, {.profile = &profile});
  const double forward = seconds("next words");
  EXPECT_GT(forward, 0.0);
  EXPECT_GT(seconds("recurrence, forward"), 0.0);
  pass.backward(network, pool);
  EXPECT_GT(seconds("next words"), forward);
}

TEST(NextWordPass, IsCertainWithoutAnotherWord) {
  Network network = sample_network(shape_of(Cell::lstm, 1, true), 3, false);
  const TokenBatch batch = sample_batch(kLanguageLengths, kLanguageWords, 2);
  ThreadPool pool;
  NextWordPass pass(network, batch, {}, pool);
  EXPECT_NEAR(pass.loss(), 0.0, 1e-6);
  pass.backward(network, pool);
  for (const float g : network.embedding.mean_gradient.values()) EXPECT_NEAR(g, 0.0f, 1e-6f);
}

TEST(NextWordPass, HasNothingToSayOfSingleWords) {
  Network network = sample_network(shape_of(Cell::lstm, 1, true), 3, false);
  const TokenBatch batch = sample_batch({1, 0, 1}, kLanguageWords, 2);
  ThreadPool pool;
  NextWordPass pass(network, batch, kNegatives, pool);
  EXPECT_EQ(pass.predictions(), 0u);
  EXPECT_EQ(pass.loss(), 0.0);
  pass.backward(network, pool);
  for (const float g : network.embedding.mean_gradient.values()) EXPECT_EQ(g, 0.0f);
}

TEST(NextWordPass, NeedsAsManyUnitsAsDimensions) {
  NetworkShape shape = shape_of(Cell::lstm, 1, true);
  shape.hidden = 4;
  const Network network = sample_network(shape, 3, false);
  const TokenBatch batch = sample_batch(kLanguageLengths, kLanguageWords, 2);
  ThreadPool pool;
  EXPECT_THROW(NextWordPass(network, batch, kNegatives, pool), Error);
}

}  // namespace
}  // namespace ockham
