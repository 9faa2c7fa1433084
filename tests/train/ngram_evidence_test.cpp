#include "ockham/train/ngram_evidence.hpp"

#include <gtest/gtest.h>

namespace ockham {
namespace {

using Marks = std::vector<uint8_t>;

/// Texts of n-grams 0 .. 2, of which the old model knows 0 and 1.
class Texts {
 public:
  void add(size_t times, const std::vector<uint32_t>& ngrams, const std::vector<uint32_t>& labels) {
    for (; times > 0; --times) {
      for (const uint32_t id : ngrams) set.corpus.ids.push_back(id);
      set.corpus.offsets.push_back(set.corpus.ids.size());
      set.texts.push_back(static_cast<uint32_t>(set.texts.size()));
      set.labels.add(labels);
    }
  }
  TrainingSet set;
};

/// N-gram 0 speaks for class 0, n-gram 1 for class 1; a text without any for neither.
Matrix alone() {
  Matrix p(3, 2, 0.5f);
  p(0, 0) = p(1, 1) = 0.9f;
  p(0, 1) = p(1, 0) = 0.1f;
  return p;
}

TEST(NgramEvidence, AClassThatIsLackingContradicts) {
  Texts texts;
  texts.add(20, {0, 0, 2}, {1});  // once a text
  texts.add(20, {2}, {0});
  texts.add(5, {1}, {1});
  texts.add(3, {1}, {0});
  const NgramEvidence evidence = weigh_evidence(texts.set, alone(), 2, false);
  EXPECT_EQ(evidence.contradicted, (Marks{1, 0}));
  EXPECT_TRUE(evidence.speaks_for_new.empty());
}

TEST(NgramEvidence, FewTextsContradictNothing) {
  Texts texts;
  texts.add(1, std::vector<uint32_t>(30, 0), {1});  // thirty times in one text are one text
  texts.add(20, {2}, {0});
  texts.add(20, {2}, {1});
  EXPECT_EQ(weigh_evidence(texts.set, alone(), 2, false).contradicted, (Marks{0, 0}));
}

TEST(NgramEvidence, NewLabelsAloneContradictNothing) {
  Texts texts;
  texts.add(30, {0, 1}, {2});
  texts.add(30, {2}, {3});
  EXPECT_EQ(weigh_evidence(texts.set, alone(), 4, false).contradicted, (Marks{0, 0}));
  // Nor do old ones of which only one is there.
  texts.add(30, {2}, {0});
  texts.add(30, {1}, {0});
  EXPECT_EQ(weigh_evidence(texts.set, alone(), 4, false).contradicted, (Marks{0, 0}));
}

TEST(NgramEvidence, WhereLabelsGoTogetherANewOneMayBeToldByAnOldNgram) {
  Texts texts;
  texts.add(20, {0}, {0, 3});
  texts.add(20, {1}, {1});
  texts.add(20, {2}, {2});
  const NgramEvidence evidence = weigh_evidence(texts.set, alone(), 4, true);
  EXPECT_EQ(evidence.contradicted, (Marks{0, 0}));
  EXPECT_EQ(evidence.speaks_for_new, (Marks{0, 1, 0, 0}));  // [n-gram][class 2, class 3]
}

}  // namespace
}  // namespace ockham
