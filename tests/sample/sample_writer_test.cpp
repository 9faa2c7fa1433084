#include "data/sample_writer.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ockham {
namespace {

TEST(FinishSentence, CapitalizesAndChoosesTheArticle) {
  EXPECT_EQ(finish_sentence("it was a awful film", "."), "It was an awful film.");
  EXPECT_EQ(finish_sentence("what a good film", "!"), "What a good film!");
  EXPECT_EQ(finish_sentence("yes, I saw it. but no", "..."), "Yes, I saw it. But no...");
  EXPECT_EQ(finish_sentence("a idea", "."), "An idea.");
  EXPECT_EQ(finish_sentence("pizza again", "."), "Pizza again.");
}

TEST(Misspell, ChangesOnlyTheInsideOfLongWords) {
  SampleRandom random(5);
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string text = misspell("we love caf\xc3\xa9 wonder", 1000, random);
    ASSERT_TRUE(text.starts_with("we love caf\xc3\xa9 w")) << text;
    ASSERT_TRUE(text.ends_with("r")) << text;
    seen.insert(text.substr(14));
  }
  EXPECT_TRUE(seen.contains("wodner"));   // swapped
  EXPECT_TRUE(seen.contains("wnder"));    // dropped
  EXPECT_TRUE(seen.contains("wonnder"));  // doubled
  EXPECT_EQ(misspell("nothing changes", 0, random), "nothing changes");
}

TEST(SampleRandom, GivesTheReferenceSequenceOfSplitMix64) {
  SampleRandom random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317u);
  EXPECT_EQ(random.next(), 3203168211198807973u);
  EXPECT_EQ(random.next(), 9817491932198370423u);
}

TEST(SampleRandom, StaysBelowItsBound) {
  SampleRandom random(2);
  std::set<size_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.below(5));
  EXPECT_EQ(seen, (std::set<size_t>{0, 1, 2, 3, 4}));
}

}  // namespace
}  // namespace ockham
