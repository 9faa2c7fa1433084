#include "ockham/deploy/ngram_tree_coding.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "ockham/deploy/vocabulary_coding.hpp"
#include "tests/deploy/deploy_test_util.hpp"

namespace ockham {
namespace {

const std::string kSource = "test";
const NgramGrant kAnything = [](uint64_t) {};

std::vector<std::string> decoded(const std::string& bytes, size_t count) {
  return decode_ngrams(count, bytes, kAnything, kSource);
}

void expect_kept(const std::vector<std::string>& ngrams) {
  const std::string bytes = encode_ngrams(ngrams, kSource);
  EXPECT_EQ(decoded(bytes, ngrams.size()), ngrams);
}

/// What a writer would write that does not look at what it writes: the tree's nodes as they are.
void expect_refused(const NgramTree& tree, const std::string& why) {
  BitEncoder coder(kSource);
  try {
    NgramTreeCoding(coder, kAnything).code(tree);
    FAIL() << "expected: " << why;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(why), std::string::npos) << error.what();
  }
}

TEST(NgramTree, HoldsEachWordOnceAndEachBeginning) {
  const NgramTree tree = make_ngram_tree({"a", "a b c", "b", "b c", "c a"});
  EXPECT_EQ(tree.words, (std::vector<std::string>{"a", "b", "c"}));
  ASSERT_EQ(tree.levels.size(), 3u);
  const auto& [words, pairs, triples] = std::tie(tree.levels[0], tree.levels[1], tree.levels[2]);
  ASSERT_EQ(words.size(), 3u);
  EXPECT_TRUE(words[0].is_ngram);
  EXPECT_TRUE(words[1].is_ngram);
  EXPECT_FALSE(words[2].is_ngram);
  ASSERT_EQ(pairs.size(), 3u);  // "a b" for the sake of "a b c", "b c", "c a"
  EXPECT_FALSE(pairs[0].is_ngram);
  EXPECT_EQ(pairs[0].shorter, 1u);
  EXPECT_EQ(pairs[2].word, 0u);
  EXPECT_EQ(pairs[2].parent, 2u);
  ASSERT_EQ(triples.size(), 1u);
  EXPECT_EQ(triples[0].shorter, 1u) << "\"b c\"";
  EXPECT_EQ(triples[0].bytes, 5u);
  EXPECT_EQ(tree.find_kid(0, 1, 2), 1u);
  EXPECT_EQ(tree.find_kid(0, 1, 0), NgramTree::kNone);
  EXPECT_EQ(tree.find_kid(1, 1, 0), NgramTree::kNone);
}

TEST(NgramTreeCoding, GivesBackAnyNgrams) {
  EXPECT_TRUE(rc::check([] {
    const auto words = *rc::gen::container<std::vector<std::string>>(
        12, rc::gen::nonEmpty(rc::gen::container<std::string>(
                rc::gen::element('a', 'b', '\x01', '\x1F', '!', '\x7F', '\x80', '\xFF'))));
    const auto numbers = *rc::gen::container<std::vector<std::vector<size_t>>>(rc::gen::resize(
        16, rc::gen::nonEmpty(
                rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, 12)))));
    std::set<std::string> ngrams;
    for (std::vector<size_t> sequence : numbers) {
      sequence.resize(std::min<size_t>(sequence.size(), NgramVocabulary::kMaxLength));
      std::string ngram;
      for (const size_t n : sequence) ngram += (ngram.empty() ? "" : " ") + words[n];
      ngrams.insert(ngram);
    }
    const std::vector<std::string> sorted(ngrams.begin(), ngrams.end());
    const std::string bytes = encode_ngrams(sorted, kSource);
    RC_ASSERT(decoded(bytes, sorted.size()) == sorted);
  }));
}

TEST(NgramTreeCoding, GivesBackWhatIsAtItsBounds) {
  expect_kept({});
  expect_kept({"a"});
  expect_kept({"\x01"});
  expect_kept({"\xFF", "\xFF\xFF"});
  expect_kept({"a a a a a a a a a a a a a a a a"});
  const std::string longest(NgramVocabulary::kMaxBytes, 'x');
  expect_kept({longest.substr(0, 1'000), longest, longest.substr(0, 1'000) + "y"});
  expect_kept({longest.substr(0, 40'000) + " " + longest.substr(0, 25'534)});
  std::vector<std::string> many;
  for (int i = 0; i < 300; ++i) many.push_back("w" + std::to_string(1'000 + i));
  expect_kept(many);
}

TEST(NgramTreeCoding, RefusesWhatNoWriterWrites) {
  const NgramTree good = make_ngram_tree({"a", "a b", "b"});
  NgramTree tree = good;
  tree.words.emplace_back("c");
  tree.levels[0].push_back({.word = 2, .bytes = 1});
  expect_refused(tree, "words, or a length of n-grams, that none has");
  tree = good;
  tree.levels.emplace_back();
  expect_refused(tree, "words, or a length of n-grams, that none has");
  tree = good;
  tree.words = {"b\xFF", "b\xFE"};
  expect_refused(tree, "its words are not in ascending order");
  tree = good;
  tree.words[1] = "b b";
  expect_refused(tree, "a word with a space");
}

TEST(NgramTreeCoding, RefusesAnotherNumberOfNgrams) {
  const std::string bytes = encode_ngrams({"a", "a b", "b"}, kSource);
  for (const size_t count : {0, 2, 4}) EXPECT_THROW(decoded(bytes, count), Error) << count;
}

TEST(NgramTreeCoding, AsksForMemoryBeforeItTakesMuch) {
  std::vector<std::string> ngrams;
  for (int i = 0; i < 100; ++i) ngrams.push_back("word" + std::to_string(100 + i) + " again");
  const std::string bytes = encode_ngrams(ngrams, kSource);
  uint64_t most = 0, texts = 0;
  decode_ngrams(
      ngrams.size(), bytes, [&](uint64_t wanted) { most = wanted; }, kSource);
  for (const std::string& ngram : ngrams) texts += ngram.size() + sizeof(std::string);
  EXPECT_GT(most, texts);
  const NgramGrant refuse = [&](uint64_t wanted) {
    if (wanted > texts) fail("too much");
  };
  EXPECT_THROW(decode_ngrams(ngrams.size(), bytes, refuse, kSource), Error);
}

// One tree for each set of n-grams: whatever bytes are read as one are read as that of its n-grams.
TEST(NgramTreeCoding, ReadsOnlyTreesOfNgrams) {
  const std::string good =
      encode_ngrams({"a", "a bad film", "bad", "bad film", "film", "not", "not bad"}, kSource);
  size_t read = 0;
  for (size_t at = 0; at < good.size(); ++at) {
    for (const int other : {1, 2, 3, 4, 8, 16, 32, 64, 128}) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ other);
      BitDecoder coder(bytes, kSource);
      try {
        const NgramTree tree = NgramTreeCoding(coder, kAnything).code({});
        coder.finish();
        EXPECT_EQ(tree, make_ngram_tree(ngrams_of(tree)));
        ++read;
      } catch (const Error&) {
      }
    }
  }
  EXPECT_GT(read, 0u);
}

}  // namespace
}  // namespace ockham
