#include "ockham/nn/packed_batch.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <vector>

#include "ockham/nn/distinct_words.hpp"
#include "tests/support/sample_network.hpp"

namespace ockham {
namespace {

/// Everything the header promises, for one batch.
void check(const TokenBatch& batch) {
  const PackedBatch packed(batch);
  std::vector<int> rows_seen(batch.words.size(), 0), sequences_seen(batch.size(), 0);
  size_t next_row = 0;
  for (const Slice& slice : packed.slices) {
    RC_ASSERT(slice.first_row() == next_row);
    next_row += slice.rows();
    for (const uint32_t b : slice.sequences) ++sequences_seen[b];
    for (size_t r = 1; r < slice.sequences.size(); ++r) {  // longest first
      RC_ASSERT(batch.length(slice.sequences[r]) <= batch.length(slice.sequences[r - 1]));
    }
    for (size_t t = 0; t < slice.steps(); ++t) {
      RC_ASSERT(slice.live(t) > 0u);
      for (size_t r = 0; r < slice.sequences.size(); ++r) {
        const uint32_t b = slice.sequences[r];
        RC_ASSERT((r < slice.live(t)) == (t < batch.length(b)));  // the live ones are the first
        if (r >= slice.live(t)) continue;
        const size_t row = slice.step_begin[t] + r;
        ++rows_seen[row];
        const size_t forward = batch.offsets[b] + t;
        const size_t reverse = batch.offsets[b + 1] - 1 - t;  // from its own last token on
        RC_ASSERT(packed.token_at[0][row] == forward);
        RC_ASSERT(packed.token_at[1][row] == reverse);
        RC_ASSERT(packed.row_of[0][forward] == row);
        RC_ASSERT(packed.row_of[1][reverse] == row);
        RC_ASSERT(packed.sequence_of[forward] == b);
      }
    }
  }
  RC_ASSERT(next_row == batch.words.size());
  RC_ASSERT(std::all_of(rows_seen.begin(), rows_seen.end(), [](int n) { return n == 1; }));
  RC_ASSERT(
      std::all_of(sequences_seen.begin(), sequences_seen.end(), [](int n) { return n == 1; }));
}

TEST(PackedBatch, EveryTokenStandsOnceInItsPlace) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& lengths) {
    std::vector<size_t> tokens;
    for (const uint8_t n : lengths) tokens.push_back(n % 12);
    check(sample_batch(tokens, 5, 1));
  }));
}

TEST(PackedBatch, NoTextsAndNoTokens) {
  EXPECT_TRUE(PackedBatch(TokenBatch()).slices.empty());
  const PackedBatch packed(sample_batch({0, 0, 0}, 5, 1));
  for (const Slice& slice : packed.slices) {
    EXPECT_EQ(slice.steps(), 0u);
    EXPECT_EQ(slice.rows(), 0u);
  }
}

TEST(TokenBatch, AddsTextsOneBehindTheOther) {
  TokenBatch batch;
  batch.add(std::vector<uint32_t>{4, 2}, 17);
  batch.add({}, 3);
  batch.add(std::vector<uint32_t>{9}, 5);
  EXPECT_EQ(batch.size(), 3u);
  EXPECT_EQ(batch.words, (std::vector<uint32_t>{4, 2, 9}));
  EXPECT_EQ(batch.offsets, (std::vector<uint32_t>{0, 2, 2, 3}));
  EXPECT_EQ(batch.texts, (std::vector<uint32_t>{17, 3, 5}));
  EXPECT_EQ(batch.length(1), 0u);
}

TEST(DistinctWords, GroupsTokensByWordInOrder) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& bytes) {
    TokenBatch batch;
    batch.add(std::vector<uint32_t>(bytes.begin(), bytes.end()), 0);
    const DistinctWords distinct(batch, 256, NoiseScope::batch);
    RC_ASSERT(distinct.begin.size() == distinct.words.size() + 1);
    RC_ASSERT(distinct.begin.back() == bytes.size());
    size_t seen = 0;
    for (size_t w = 0; w < distinct.words.size(); ++w) {
      RC_ASSERT(distinct.begin[w] < distinct.begin[w + 1]);  // only words that occur
      for (size_t i = distinct.begin[w]; i < distinct.begin[w + 1]; ++i, ++seen) {
        const uint32_t token = distinct.by_word[i];
        RC_ASSERT(batch.words[token] == distinct.words[w]);
        RC_ASSERT(distinct.number[token] == w);
        RC_ASSERT(distinct.place[token] == i);
        if (i > distinct.begin[w]) RC_ASSERT(distinct.by_word[i - 1] < token);
      }
    }
    RC_ASSERT(seen == bytes.size());
    RC_ASSERT(distinct.draws.empty());
  }));
}

TEST(DistinctWords, AreTokensWhereEveryStepDiffers) {
  TokenBatch batch;
  batch.add(std::vector<uint32_t>{4, 2, 4}, 17);
  batch.add(std::vector<uint32_t>{4}, 3);
  const DistinctWords distinct(batch, 9, NoiseScope::row);
  const std::vector<uint32_t> tokens = {0, 1, 2, 3};
  EXPECT_EQ(distinct.words, batch.words);
  EXPECT_EQ(distinct.draws, tokens);
  EXPECT_EQ(distinct.number, tokens);
  EXPECT_EQ(distinct.by_word, tokens);
  EXPECT_EQ(distinct.place, tokens);
  EXPECT_EQ(distinct.begin, (std::vector<uint32_t>{0, 1, 2, 3, 4}));
}

TEST(DistinctWords, ArePairsOfSequenceAndWordWhereAsked) {
  EXPECT_TRUE(rc::check([](const std::vector<std::vector<uint8_t>>& texts) {
    TokenBatch batch;
    std::set<std::pair<uint32_t, uint32_t>> pairs;
    for (const auto& bytes : texts) {
      const auto b = static_cast<uint32_t>(batch.size());
      batch.add(std::vector<uint32_t>(bytes.begin(), bytes.end()), b + 100);
      for (const uint8_t word : bytes) pairs.insert({b, word});
    }
    const DistinctWords distinct(batch, 256, NoiseScope::sequence);
    RC_ASSERT(distinct.words.size() == pairs.size());
    RC_ASSERT(distinct.draws.size() == pairs.size());
    RC_ASSERT(std::ranges::is_sorted(distinct.draws));
    for (uint32_t b = 0; b < batch.size(); ++b) {
      for (size_t i = batch.offsets[b]; i < batch.offsets[b + 1]; ++i) {
        RC_ASSERT(distinct.words[distinct.number[i]] == batch.words[i]);
        RC_ASSERT(distinct.draws[distinct.number[i]] == b);
      }
    }
  }));
}

}  // namespace
}  // namespace ockham
