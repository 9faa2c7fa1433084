#include "data/sample_corpus.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

size_t positives(const std::vector<SampleReview>& reviews) {
  return static_cast<size_t>(std::count_if(reviews.begin(), reviews.end(),
                                           [](const auto& r) { return r.label == "pos"; }));
}

// How many reviews with this label hold one of the phrases.
size_t count(const std::vector<SampleReview>& reviews, const std::string& label,
             const std::vector<std::string>& phrases) {
  const auto holds_one = [&](const SampleReview& review) {
    return review.label == label && std::any_of(phrases.begin(), phrases.end(), [&](const auto& p) {
             return review.text.find(p) != std::string::npos;
           });
  };
  return static_cast<size_t>(std::count_if(reviews.begin(), reviews.end(), holds_one));
}

std::string as_tsv(const std::vector<SampleReview>& reviews) {
  std::ostringstream out;
  write_tsv(out, reviews);
  return out.str();
}

uint64_t fnv1a(const std::string& bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

// The length of the UTF-8 sequence that starts at text[i], 0 when it is malformed. The corpus
// needs no more than two bytes a letter.
size_t sequence_length(const std::string& text, size_t i) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  if (byte(i) < 0x80) return 1;
  const bool two = byte(i) >= 0xc2 && byte(i) < 0xe0 && i + 1 < text.size();
  return two && (byte(i + 1) & 0xc0) == 0x80 ? 2 : 0;
}

TEST(SampleCorpus, HasTheSizesAskedForAndIsBalanced) {
  const SampleCorpus corpus = make_sample_corpus();
  EXPECT_EQ(corpus.train.size(), 6000u);
  EXPECT_EQ(corpus.test.size(), 2000u);
  EXPECT_EQ(positives(corpus.train), 3000u);
  EXPECT_EQ(positives(corpus.test), 1000u);
  const std::vector<SampleReview> odd = make_sample({7, 101});
  EXPECT_EQ(odd.size(), 101u);
  EXPECT_NEAR(static_cast<double>(positives(odd)), 50.5, 0.5);
  EXPECT_TRUE(make_sample({7, 0}).empty());
}

TEST(SampleCorpus, NoTextOccursTwice) {
  const SampleCorpus corpus = make_sample_corpus();
  std::set<std::string> texts;
  for (const auto& review : corpus.train) texts.insert(review.text);
  for (const auto& review : corpus.test) texts.insert(review.text);
  EXPECT_EQ(texts.size(), corpus.train.size() + corpus.test.size());
}

TEST(SampleCorpus, IsAFunctionOfTheSeed) {
  const std::string first = as_tsv(make_sample({3, 500}));
  EXPECT_EQ(first, as_tsv(make_sample({3, 500})));
  EXPECT_NE(first, as_tsv(make_sample({4, 500})));
  EXPECT_TRUE(as_tsv(make_sample({3, 600})).starts_with(first));
}

// Figures in the README and elsewhere belong to this very corpus: whoever changes the grammar
// measures them again.
TEST(SampleCorpus, TheDefaultCorpusIsTheOneThatWasMeasured) {
  EXPECT_EQ(fnv1a(as_tsv(make_sample({}))), 8252333748354784254u);
}

TEST(SampleCorpus, LinesAreValidUtf8WithoutOpenSlots) {
  bool beyond_ascii = false;
  for (const auto& review : make_sample({})) {
    ASSERT_TRUE(review.label == "pos" || review.label == "neg");
    ASSERT_FALSE(review.text.empty());
    ASSERT_EQ(review.text.find_first_of("\t\n\r{}"), std::string::npos) << review.text;
    for (size_t i = 0; i < review.text.size();) {
      const size_t length = sequence_length(review.text, i);
      ASSERT_GT(length, 0u) << review.text;
      beyond_ascii = beyond_ascii || length > 1;
      i += length;
    }
  }
  EXPECT_TRUE(beyond_ascii);
}

TEST(SampleCorpus, SentimentWordsStandPlainAndNegated) {
  const auto reviews = make_sample({});
  const std::vector<std::string> plain_good = {"was good", "is good", "were good", "are good"};
  const std::vector<std::string> not_good = {"not good", "n't good", "never good", "hardly good"};
  const std::vector<std::string> not_bad = {"not bad", "n't bad", "never bad", "hardly bad"};
  EXPECT_GT(count(reviews, "pos", plain_good), 3 * count(reviews, "neg", plain_good));
  EXPECT_GT(count(reviews, "neg", not_good), 3 * count(reviews, "pos", not_good));
  EXPECT_GT(count(reviews, "pos", not_bad), 3 * count(reviews, "neg", not_bad));
  EXPECT_GT(count(reviews, "pos", plain_good), 50u);
  EXPECT_GT(count(reviews, "neg", not_good), 50u);
  EXPECT_GT(count(reviews, "pos", not_bad), 50u);
}

// "not a very ...": here no pair of neighbours tells which way the sentence goes.
TEST(SampleCorpus, NegationsReachOverSeveralWordsInBothClasses) {
  const auto reviews = make_sample({});
  const std::vector<std::string> far = {"not a very ", "n't a very ", "not find it very ",
                                        "n't find it very "};
  EXPECT_GT(count(reviews, "pos", far), 40u);
  EXPECT_GT(count(reviews, "neg", far), 40u);
}

TEST(SampleCorpus, ContrastsArePresentInBothClasses) {
  const auto reviews = make_sample({});
  const std::vector<std::string> contrast = {"lthough ", "ven though ", ", but ", ", yet "};
  EXPECT_GT(count(reviews, "pos", contrast), 150u);
  EXPECT_GT(count(reviews, "neg", contrast), 150u);
}

TEST(SampleCorpus, TheGrammarIsRichEnoughForLargerCorpora) {
  EXPECT_EQ(make_sample({11, 40000}).size(), 40000u);
}

}  // namespace
}  // namespace ockham
