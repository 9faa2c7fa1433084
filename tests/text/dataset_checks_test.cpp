#include "ockham/text/dataset_checks.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

#include "tests/text/record_test_util.hpp"

namespace ockham {
namespace {

Dataset jsonl_dataset(const std::string& bytes) {
  return read_dataset(*read_records(std::make_unique<StringSource>(bytes), "data.jsonl", {}));
}

TEST(Duplicates, NoneInDifferentTexts) {
  const Dataset data = dataset_of("a\tx\nb\ty\na\tx \nb\t\n");
  const DuplicateReport report = find_duplicates(data);
  EXPECT_EQ(report.repeated, 0u);
  EXPECT_EQ(report.conflicting, 0u);
  EXPECT_FALSE(report.repeat || report.conflict);
  EXPECT_EQ(duplicates_text(data, report), "");
}

TEST(Duplicates, CountsRepeatsAndConflicts) {
  const Dataset data = dataset_of("a\tx\n\na\ty\nb\tz\na\ty\nb\ty\na\tx\n");
  const DuplicateReport report = find_duplicates(data);
  EXPECT_EQ(report.repeated, 3u);     // y twice more, x once more
  EXPECT_EQ(report.conflicting, 3u);  // all of y
  EXPECT_EQ(report.repeat, (TextPair{1, 3}));
  EXPECT_EQ(report.conflict, (TextPair{1, 4}));
  EXPECT_EQ(duplicates_text(data, report),
            "data.tsv: 3 texts repeat an earlier one (data.tsv:5 is data.tsv:3); 3 texts stand "
            "there with different labels (data.tsv:3 and data.tsv:6)");
}

TEST(Duplicates, SetsOfLabelsAreCompared) {
  const DuplicateReport report =
      find_duplicates(jsonl_dataset("{\"text\":\"x\",\"label\":[\"a\",\"b\"]}\n"
                                    "{\"text\":\"x\",\"label\":[\"b\",\"a\"]}\n"
                                    "{\"text\":\"y\",\"label\":[\"a\"]}\n"
                                    "{\"text\":\"y\",\"label\":[]}\n"));
  EXPECT_EQ(report.repeated, 2u);
  EXPECT_EQ(report.conflicting, 2u);
  EXPECT_EQ(report.conflict, (TextPair{2, 3}));
}

TEST(Duplicates, AgreeWithAPlainCount) {
  EXPECT_TRUE(rc::check([] {
    const auto drawn = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 6), rc::gen::inRange(0, 2))));
    std::string tsv;
    std::map<int, std::pair<size_t, std::set<int>>> texts;
    for (const auto& [text, label] : drawn) {
      tsv += std::to_string(label) + "\t" + std::string(static_cast<size_t>(text), 'x') + "\n";
      ++texts[text].first;
      texts[text].second.insert(label);
    }
    size_t repeated = 0, conflicting = 0;
    for (const auto& [text, seen] : texts) {
      repeated += seen.first - 1;
      if (seen.second.size() > 1) conflicting += seen.first;
    }
    const DuplicateReport report = find_duplicates(dataset_of(tsv));
    RC_ASSERT(report.repeated == repeated);
    RC_ASSERT(report.conflicting == conflicting);
    RC_ASSERT(report.repeat.has_value() == (repeated > 0));
  }));
}

TEST(AlikeLabels, DifferInBlanksOrCapitalsAlone) {
  const std::vector<std::string> different{"pos", "neg", "po", "p\u00d6s", "p\u00f6s", ""};
  EXPECT_EQ(alike_labels_text(different), "");
  const std::vector<std::string> alike{"pos", "neg", "Pos ", "x", " x", "po s"};
  EXPECT_EQ(alike_labels_text(alike),
            "labels that differ in blanks or capitals alone: \"pos\", \"Pos \", \"po s\"; "
            "\"x\", \" x\"");
}

TEST(Leaks, CountsTextsOfTheTrainingData) {
  const Dataset training = dataset_of("a\tx\nb\ty\na\tx\n");
  const Dataset test = dataset_of("b\tz\nb\tx\nb\tx\n");
  const LeakReport report = find_leaks(test, training);
  EXPECT_EQ(report.leaked, 2u);
  EXPECT_EQ(report.example, (TextPair{1, 0}));
  EXPECT_EQ(leaks_text(test, training, report),
            "data.tsv: 2 texts stand in data.tsv too (data.tsv:2 is data.tsv:1)");
  const Dataset other = dataset_of("a\tw\n");
  EXPECT_EQ(find_leaks(other, training).leaked, 0u);
  EXPECT_EQ(leaks_text(other, training, find_leaks(other, training)), "");
}

TEST(SingleLabels, OthersAreRefusedWithTheirPlace) {
  const std::string one = "{\"text\":\"x\",\"label\":[\"a\"]}\n";
  EXPECT_NO_THROW(check_single_labels(jsonl_dataset(one)));
  EXPECT_NO_THROW(check_single_labels(jsonl_dataset("{\"text\":\"x\",\"label\":[\"a\",\"a\"]}\n")));
  EXPECT_EQ(message_of([&] {
              check_trainable(jsonl_dataset(one + "{\"text\":\"x\",\"label\":[\"c\",\"b\"]}\n"));
            }),
            "data.jsonl:2: the text has 2 labels, \"b\", \"c\"; leave it one, or train with "
            "--multi-label");
  EXPECT_EQ(message_of(
                [&] { check_trainable(jsonl_dataset(one + "\n{\"text\":\"x\",\"label\":[]}\n")); }),
            "data.jsonl:3: the text has no label; expected one; add it or remove the text");
}

}  // namespace
}  // namespace ockham
