#include "ockham/text/hashed_vocabulary.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "ockham/text/hash.hpp"
#include "ockham/text/ngram_hashes.hpp"
#include "ockham/text/vocabulary.hpp"
#include "tests/support/each_target.hpp"

namespace ockham {
namespace {

TokenBuffer tokens_of(const std::vector<std::string>& words) {
  TokenBuffer tokens;
  for (const std::string& word : words) {
    tokens.extents.push_back({tokens.bytes.size(), word.size()});
    tokens.bytes += word;
  }
  return tokens;
}

std::vector<uint32_t> encoded(const Vocabulary& vocabulary, const std::vector<std::string>& words) {
  MappedVector<uint32_t> ids;
  OpenNgrams open;
  vocabulary.encode(tokens_of(words), open, ids);
  return {ids.begin(), ids.end()};
}

TEST(HashBytes, IsTheSameOnEveryMachine) {
  // Deployed files hang on these values; worked out from docs/format.md by hand, in Python.
  EXPECT_EQ(hash_bytes(""), 0x0000000000000000u);
  EXPECT_EQ(hash_bytes("a"), 0xfb761138e1e0a78cu);
  EXPECT_EQ(hash_bytes("not"), 0x15e23e20b0430cecu);
  EXPECT_EQ(hash_bytes("great"), 0x16314c68b9855453u);
  EXPECT_EQ(hash_bytes("masterpiece"), 0xe9b91d65d54edd18u);
  EXPECT_EQ(hash_bytes("größenordnungsmäßig"), 0x2bdcd232737416b6u);
}

TEST(HashedVocabulary, KnowsWhatFallsIntoItsBuckets) {
  const NgramHashing hashing{.bits = 12, .seed = 3, .max_length = 3};
  const Vocabulary whole = HashedVocabulary::whole(hashing);
  const uint32_t not_good = whole.find("not good"), bad = whole.find("bad");
  const Vocabulary some = HashedVocabulary(hashing, std::vector<uint32_t>{not_good, bad});
  EXPECT_EQ(some.size(), 2u);
  EXPECT_EQ(some.find("not good"), 0u);
  EXPECT_EQ(some.find("bad"), 1u);
  EXPECT_EQ(some.find("good"), Vocabulary::kNotFound);
  EXPECT_EQ(some.find("a b c d"), Vocabulary::kNotFound) << "four words";
  EXPECT_EQ(encoded(some, {"bad", "not", "good", "bad"}), (std::vector<uint32_t>{1, 0, 1}));
}

TEST(HashedVocabulary, EncodesLikeTheWordsThatFallIntoABucketEach) {
  std::mt19937 random(1);
  const std::vector<std::string> words{"a", "b", "c", "d", "e"};
  const NgramHashing hashing{.bits = 24, .seed = 9, .max_length = 3};
  const Vocabulary whole = HashedVocabulary::whole(hashing);
  const std::vector<std::string> known{"a", "c", "a b", "b a", "c d e", "e e", "e"};
  std::vector<uint32_t> buckets;
  for (const std::string& ngram : known) buckets.push_back(whole.find(ngram));
  const Vocabulary by_words = NgramVocabulary(known),
                   by_hashes = HashedVocabulary(hashing, buckets);
  for (int text = 0; text < 200; ++text) {
    std::vector<std::string> drawn;
    for (size_t i = 0; i < 1 + random() % 12; ++i) drawn.push_back(words[random() % words.size()]);
    EXPECT_EQ(encoded(by_hashes, drawn), encoded(by_words, drawn));
  }
}

TEST(HashedVocabulary, GoesOnOverPiecesOfAText) {
  const Vocabulary whole = HashedVocabulary::whole({.bits = 16, .max_length = 3});
  MappedVector<uint32_t> ids;
  OpenNgrams open;
  whole.encode(tokens_of({"so", "very"}), open, ids);
  whole.encode(tokens_of({"bad", "it"}), open, ids);
  EXPECT_EQ(std::vector<uint32_t>(ids.begin(), ids.end()),
            encoded(whole, {"so", "very", "bad", "it"}));
  EXPECT_EQ(ids[3], whole.find("bad"));
  EXPECT_EQ(ids[4], whole.find("very bad"));
  EXPECT_EQ(ids[5], whole.find("so very bad"));
}

/// The ids of the known n-grams by find(), one by one.
std::vector<uint32_t> found_one_by_one(const Vocabulary& vocabulary, uint32_t max_length,
                                       const std::vector<std::string>& words) {
  std::vector<uint32_t> ids;
  for (size_t end = 0; end < words.size(); ++end) {
    std::string ngram;
    for (size_t length = 1; length <= std::min<size_t>(max_length, end + 1); ++length) {
      const std::string& word = words[end + 1 - length];
      ngram = length == 1 ? word : word + " " + ngram;
      const uint32_t id = vocabulary.find(ngram);
      if (id != Vocabulary::kNotFound) ids.push_back(id);
    }
  }
  return ids;
}

/// All buckets or every third.
Vocabulary some_buckets(const NgramHashing& hashing, bool every) {
  const HashedVocabulary whole = HashedVocabulary::whole(hashing);
  if (every) return whole;
  std::vector<uint32_t> kept;
  for (uint32_t i = 0; i < whole.size(); i += 3) kept.push_back(i);
  return whole.select(kept);
}

void expect_same_however_cut(const Vocabulary& vocabulary, uint32_t max_length) {
  std::mt19937 random(2);
  std::vector<std::string> words;
  for (size_t i = 0; i < 1'000; ++i) words.push_back(std::string(1 + random() % 12, 'a') + 'b');
  const auto expected = found_one_by_one(vocabulary, max_length, words);
  for_each_target([&] {
    EXPECT_EQ(encoded(vocabulary, words), expected);
    MappedVector<uint32_t> ids;
    OpenNgrams open;
    for (size_t at = 0; at < words.size();) {
      const size_t size = std::min(words.size() - at, size_t{1} + random() % 300);
      const auto from = words.begin() + static_cast<std::ptrdiff_t>(at);
      vocabulary.encode(tokens_of({from, from + static_cast<std::ptrdiff_t>(size)}), open, ids);
      at += size;
    }
    EXPECT_EQ(std::vector<uint32_t>(ids.begin(), ids.end()), expected);
  });
}

TEST(HashedVocabulary, FindsTheSameInLongTextsHoweverTheyAreCut) {
  for (const bool every : {true, false}) {
    for (const uint32_t max_length : {1u, 2u, 3u, 16u}) {
      SCOPED_TRACE(testing::Message() << max_length << ' ' << every);
      const NgramHashing hashing{.bits = 18, .seed = 5, .max_length = max_length};
      expect_same_however_cut(some_buckets(hashing, every), max_length);
    }
  }
}

/// Of the heap, arenas and mappings; 0 where the allocator is another (a sanitizer's).
size_t bytes_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// A word for each bucket.
std::vector<std::string> words_of_buckets(const NgramHashing& hashing) {
  std::vector<std::string> words(size_t{1} << hashing.bits);
  for (size_t missing = words.size(), i = 0; missing > 0; ++i) {
    std::string& word = words[hashing.bucket(hash_ngram("w" + std::to_string(i)))];
    missing -= word.empty() ? 1 : 0;
    word = "w" + std::to_string(i);
  }
  return words;
}

/// find() and encode() of a word for each bucket.
void expect_exactly(const std::vector<uint32_t>& known, const NgramHashing& hashing,
                    const std::vector<std::string>& words) {
  const Vocabulary vocabulary = HashedVocabulary(hashing, known);
  std::vector<uint32_t> expected;
  for (uint32_t bucket = 0; bucket < words.size(); ++bucket) {
    const auto at = std::ranges::find(known, bucket);
    const uint32_t number =
        at == known.end() ? Vocabulary::kNotFound : static_cast<uint32_t>(at - known.begin());
    EXPECT_EQ(vocabulary.find(words[bucket]), number);
    if (at != known.end()) expected.push_back(number);
  }
  EXPECT_EQ(encoded(vocabulary, words), expected);
}

TEST(HashedVocabulary, FindsEachBucketAloneAndInACrowdInAnyOrder) {
  const NgramHashing hashing{.bits = 12};
  const std::vector<std::string> words = words_of_buckets(hashing);
  std::mt19937 random(4);
  for (const uint32_t width : {40u, 600u, 4'096u}) {  // of neighbours, of which 39 are known
    std::vector<uint32_t> neighbours(width);
    std::iota(neighbours.begin(), neighbours.end(), 4'096 - width);
    std::ranges::shuffle(neighbours, random);
    neighbours.resize(39);
    expect_exactly(neighbours, hashing, words);
    std::ranges::sort(neighbours);
    expect_exactly(neighbours, hashing, words);
  }
}

TEST(HashedVocabulary, KnowsNoneOrAllOfTheBuckets) {
  const NgramHashing hashing{.bits = 8};
  const std::vector<std::string> words = words_of_buckets(hashing);
  expect_exactly({}, hashing, words);
  std::vector<uint32_t> all(256);
  std::iota(all.begin(), all.end(), 0u);
  expect_exactly(all, hashing, words);
  std::ranges::reverse(all);
  expect_exactly(all, hashing, words);
}

/// The filter takes neighbours of known buckets for known.
TEST(HashedVocabulary, FindsNoNeighboursOfWhatItKnows) {
  const NgramHashing hashing{.bits = 24};
  std::vector<std::string> words;
  std::vector<uint32_t> buckets, expected;
  for (uint32_t i = 0; i < 1'000; ++i) {
    words.push_back("w" + std::to_string(i));
    const uint32_t bucket = hashing.bucket(hash_ngram(words.back()));
    const bool known = i % 3 == 0;
    if (known) expected.push_back(i);
    buckets.push_back(known ? bucket : bucket ^ 1);
  }
  EXPECT_EQ(encoded(HashedVocabulary(hashing, buckets), words), expected);
}

/// What the heap gave for good while a vocabulary of every step-th bucket was made.
size_t taken_by_every(uint32_t step, const NgramHashing& hashing) {
  std::vector<uint32_t> buckets;
  buckets.reserve((size_t{1} << hashing.bits) / step);
  for (uint32_t b = 0; b < uint32_t{1} << hashing.bits; b += step) buckets.push_back(b);
  const size_t given = buckets.size() * sizeof(uint32_t);
  const size_t before = bytes_in_use();
  const HashedVocabulary vocabulary(hashing, std::move(buckets));
  return given + bytes_in_use() - before;
}

TEST(HashedVocabulary, TakesWhatItSays) {
  const NgramHashing hashing{.bits = 20};
  for (const uint32_t step : {1u, 2u, 64u, 1u << 13}) {
    const auto said = static_cast<double>(HashedVocabulary::bytes(hashing, (1u << 20) / step));
    const auto taken = static_cast<double>(taken_by_every(step, hashing));
    if (bytes_in_use() == 0) GTEST_SKIP() << "this allocator does not say";
    EXPECT_NEAR(taken, said, 32'768.0) << step;  // what the heap rounds up to
  }
}

TEST(HashedVocabulary, SpreadsNgramsEvenly) {
  // 20,000 bigrams and as many words in 2^10 buckets: chi-squared of 1,023 degrees of freedom stays
  // below 1,250 but once in 10^6.
  for (const uint32_t seed : {0u, 1u, 65'535u}) {
    const Vocabulary whole = HashedVocabulary::whole({.bits = 10, .seed = seed, .max_length = 2});
    std::map<uint32_t, double> counts;
    for (int i = 0; i < 20'000; ++i) {
      const std::string word = "w" + std::to_string(i);
      ++counts[whole.find(word)];
      ++counts[whole.find("the " + word)];
    }
    const double expected = 40'000.0 / 1024;
    double chi_squared = 0;
    for (uint32_t b = 0; b < 1024; ++b) {
      chi_squared += (counts[b] - expected) * (counts[b] - expected) / expected;
    }
    EXPECT_LT(chi_squared, 1'250.0) << seed;
    EXPECT_GT(chi_squared, 820.0) << seed;
  }
}

TEST(HashedVocabulary, SelectsAndRenumbers) {
  const HashedVocabulary all({.bits = 8}, std::vector<uint32_t>{7, 255, 0, 64});
  const HashedVocabulary some = all.select(std::vector<uint32_t>{3, 1});
  EXPECT_EQ(std::vector<uint32_t>(some.buckets().begin(), some.buckets().end()),
            (std::vector<uint32_t>{64, 255}));
  EXPECT_EQ(Vocabulary(some).ngram(1), "#ff");
  EXPECT_EQ(some.hashing(), all.hashing());
}

TEST(HashedVocabulary, RefusesWhatIsNotPossible) {
  const auto make = [](const NgramHashing& hashing, const std::vector<uint32_t>& buckets) {
    return HashedVocabulary(hashing, buckets);
  };
  EXPECT_THROW(make({.bits = 7}, {}), Error);
  EXPECT_THROW(make({.bits = 25}, {}), Error);
  EXPECT_THROW(make({.bits = 8, .seed = 65'536}, {}), Error);
  EXPECT_THROW(make({.bits = 8, .max_length = 0}, {}), Error);
  EXPECT_THROW(make({.bits = 8, .max_length = 17}, {}), Error);
  EXPECT_THROW(make({.bits = 8}, {256}), Error);
  EXPECT_THROW(make({.bits = 8}, {1, 2, 1}), Error);
  std::vector<uint32_t> all(256);
  std::iota(all.begin(), all.end(), 0u);
  all[1] = 0;
  EXPECT_THROW(make({.bits = 8}, all), Error) << "as many as there are, but one is missing";
}

}  // namespace
}  // namespace ockham
