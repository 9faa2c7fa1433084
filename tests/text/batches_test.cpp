#include "ockham/text/batches.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "ockham/text/dataset.hpp"

namespace ockham {
namespace {

std::vector<uint32_t> skewed_lengths(size_t count) {
  std::vector<uint32_t> lengths(count);
  for (size_t i = 0; i < count; ++i) {
    const auto spread = static_cast<uint32_t>((i * 7919) % 1000);
    lengths[i] = 10 + spread * spread / 1000;
  }
  return lengths;
}

/// Time steps of a padded batch over those that texts really have.
double padding(const Batches& batches, const std::vector<uint32_t>& lengths) {
  size_t steps = 0;
  size_t used = 0;
  for (size_t b = 0; b < batches.size(); ++b) {
    uint32_t longest = 0;
    for (const uint32_t text : batches[b]) {
      longest = std::max(longest, lengths[text]);
      used += lengths[text];
    }
    steps += longest * batches[b].size();
  }
  return static_cast<double>(steps) / static_cast<double>(used);
}

void expect_every_text_once(const Batches& batches, size_t texts, size_t batch_size) {
  std::vector<uint32_t> order = batches.order;
  std::sort(order.begin(), order.end());
  RC_ASSERT(order == all_indices(texts));
  RC_ASSERT(batches.offsets.back() == texts);
  RC_ASSERT(batches.size() == (texts + batch_size - 1) / batch_size);
  size_t short_batches = 0;
  for (size_t b = 0; b < batches.size(); ++b) {
    RC_ASSERT(!batches[b].empty() && batches[b].size() <= batch_size);
    short_batches += batches[b].size() < batch_size ? 1 : 0;
  }
  RC_ASSERT(short_batches <= 1);
}

TEST(Batches, HoldEveryTextOnce) {
  EXPECT_TRUE(rc::check([](const std::vector<uint32_t>& lengths, uint64_t seed, uint64_t epoch) {
    const auto batch_size = *rc::gen::inRange<size_t>(1, 9);
    const auto pool = *rc::gen::inRange<size_t>(1, 4);
    expect_every_text_once(shuffled_batches(lengths, batch_size, seed, epoch, pool), lengths.size(),
                           batch_size);
    expect_every_text_once(sorted_batches(lengths, batch_size), lengths.size(), batch_size);
  }));
}

TEST(Batches, HangOnSeedAndEpochOnly) {
  const auto lengths = skewed_lengths(5000);
  const Batches batches = shuffled_batches(lengths, 32, 1, 0);
  EXPECT_EQ(shuffled_batches(lengths, 32, 1, 0).order, batches.order);
  EXPECT_NE(shuffled_batches(lengths, 32, 1, 1).order, batches.order);
  EXPECT_NE(shuffled_batches(lengths, 32, 2, 0).order, batches.order);
  EXPECT_NE(shuffled_batches(lengths, 32, 0, 1).order, batches.order);
}

/// A training is the same on every machine only while this is: the order was made by a program of
/// its own (Python, splitmix64 and Fisher-Yates as stated).
TEST(Batches, AreTheSameEverywhere) {
  const std::vector<uint32_t> lengths{5, 3, 8, 1, 9, 2, 7, 4, 6, 6};
  const Batches batches = shuffled_batches(lengths, 3, 1, 2, 2);
  EXPECT_EQ(batches.order, (std::vector<uint32_t>{6, 9, 7, 0, 1, 5, 3, 4, 2, 8}));
  EXPECT_EQ(batches.offsets, (std::vector<uint64_t>{0, 3, 4, 7, 10}));
}

TEST(Batches, BucketsBoundThePadding) {
  const auto lengths = skewed_lengths(20'000);
  EXPECT_GT(padding(shuffled_batches(lengths, 64, 1, 0, 1), lengths), 2.0);
  EXPECT_LT(padding(shuffled_batches(lengths, 64, 1, 0), lengths), 1.1);
  EXPECT_LT(padding(sorted_batches(lengths, 64), lengths), 1.02);
}

TEST(Batches, AreShuffledThemselves) {
  // Even with one pool for all, sorted by length, the first half of an epoch holds about half of
  // the time steps.
  const auto lengths = skewed_lengths(40'000);
  const Batches batches = shuffled_batches(lengths, 32, 3, 0, 2000);
  double first_half = 0;
  double all = 0;
  for (size_t i = 0; i < batches.order.size(); ++i) {
    all += lengths[batches.order[i]];
    if (i < batches.order.size() / 2) first_half += lengths[batches.order[i]];
  }
  EXPECT_NEAR(first_half / all, 0.5, 0.05);
}

TEST(Batches, EvaluationGoesFromLongToShort) {
  const std::vector<uint32_t> lengths{3, 9, 0, 9, 4};
  const Batches batches = sorted_batches(lengths, 2);
  EXPECT_EQ(batches.order, (std::vector<uint32_t>{1, 3, 4, 0, 2}));
  EXPECT_EQ(batches.offsets, (std::vector<uint64_t>{0, 2, 4, 5}));
}

TEST(Batches, ShuffleFairly) {
  // Each of the six orders of three texts, one a batch, in a sixth of the epochs.
  std::vector<size_t> seen(27);
  const std::vector<uint32_t> lengths{1, 1, 1};
  for (uint64_t epoch = 0; epoch < 6000; ++epoch) {
    const Batches batches = shuffled_batches(lengths, 1, 5, epoch);
    ++seen[batches.order[0] * 9 + batches.order[1] * 3 + batches.order[2]];
  }
  for (const size_t count : seen) {
    if (count == 0) continue;
    EXPECT_NEAR(static_cast<double>(count), 1000.0, 150.0);
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 0u), 21);
}

}  // namespace
}  // namespace ockham
