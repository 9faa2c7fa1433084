#include <gtest/gtest.h>

#include "ockham/text/class_weights.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/text/gzip_test_util.hpp"
#include "tests/text/record_test_util.hpp"

namespace ockham {
namespace {

std::vector<Labels> labels_of(const std::string& bytes, DataOptions options) {
  options.several_labels = true;
  std::vector<Labels> labels;
  for (const Labelled& record : records_of(bytes, options)) labels.push_back(record.labels);
  return labels;
}

TEST(SeveralLabels, AreCutAtTheSeparatorInTsv) {
  const std::string tsv = "a,b\tx\nb\ty\n\tz\n a , c d \tw\n  \tv\n";
  EXPECT_EQ(labels_of(tsv, {.format = DataFormat::tsv}),
            (std::vector<Labels>{{"a", "b"}, {"b"}, {}, {"a", "c d"}, {}}));
  EXPECT_EQ(labels_of("a,b|c\tx\n", {.format = DataFormat::tsv, .label_separator = '|'}),
            (std::vector<Labels>{{"a,b", "c"}}));
}

TEST(SeveralLabels, AreCutInCsvAndNotInJson) {
  EXPECT_EQ(labels_of("label,text\n\"a,b\",x\n,y\n", {.format = DataFormat::csv}),
            (std::vector<Labels>{{"a", "b"}, {}}));
  EXPECT_EQ(labels_of("{\"label\":[\"a,b\",\"c\"],\"text\":\"x\"}\n{\"label\":[],\"text\":\"y\"}\n",
                      {.format = DataFormat::jsonl}),
            (std::vector<Labels>{{"a,b", "c"}, {}}));
}

TEST(SeveralLabels, MayBeNoneInFastTextsFormat) {
  EXPECT_EQ(labels_of("__label__a __label__b x\ny\n", {.format = DataFormat::fasttext}),
            (std::vector<Labels>{{"a", "b"}, {}}));
}

TEST(SeveralLabels, AnEmptyOneBetweenSeparatorsIsAnError) {
  const DataOptions options{.format = DataFormat::tsv, .several_labels = true};
  EXPECT_EQ(error_of("a\tx\na,,b\ty\n", options),
            "data:2: the label is empty; give the text a label or remove it");
}

TEST(SeveralLabels, OnlyWhereTheyAreAskedFor) {
  EXPECT_EQ(records_of("a,b\tx\n", {.format = DataFormat::tsv})[0].labels, (Labels{"a,b"}));
}

TEST(CheckTrainable, SeveralLabelsMayBeRareOrMissing) {
  const auto read = [](const std::string& tsv) {
    const auto reader = read_records(std::make_unique<StringSource>(tsv), "data",
                                     {.format = DataFormat::tsv, .several_labels = true});
    return read_dataset(*reader);
  };
  check_trainable(read("a,b\tx\na\ty\n\tz\n"), {.several_labels = true});
  EXPECT_EQ(
      message_of([&] { check_trainable(read("a,b\tx\na\ty\n")); }),
      "data:1: the text has 2 labels, \"a\", \"b\"; leave it one, or train with --multi-label");
  EXPECT_EQ(
      message_of([&] { check_trainable(read("a\tx\n\ty\n"), {.several_labels = true}); }),
      "data: there is no label but \"a\"; training needs at least two classes; add texts with "
      "another label; yes or no alone is two labels, without --multi-label");
  EXPECT_EQ(message_of([&] { check_trainable(read("\tx\n\ty\n"), {.several_labels = true}); }),
            "data: no text has a label");
}

TEST(ClassWeights, BalancedOnesMakeAllClassesWeighTheSame) {
  Dataset dataset = dataset_of("a\tx\na\ty\na\tz\nb\tw\n");
  dataset.weights = {1.0f, 2.0f, 1.0f, 5.0f};
  const std::vector<double> weights = balanced_class_weights(dataset);
  EXPECT_DOUBLE_EQ(weights[0], 4.0 / 6.0);
  EXPECT_DOUBLE_EQ(weights[1], 2.0);
  weigh_classes(dataset, weights);  // on top of the texts' own
  EXPECT_FLOAT_EQ(dataset.weights[1], 4.0f / 3.0f);
  EXPECT_FLOAT_EQ(dataset.weights[3], 10.0f);
}

TEST(ClassWeights, AClassWithoutTextsDoesNotMoveTheOthers) {
  Dataset dataset = dataset_of("a\tx\na\ty\na\tz\nb\tw\n");
  const std::vector<double> without = balanced_class_weights(dataset);
  dataset.classes.push_back("c");
  const std::vector<double> weights = balanced_class_weights(dataset);
  EXPECT_EQ(weights[0], without[0]);
  EXPECT_EQ(weights[1], without[1]);
  EXPECT_EQ(weights[2], 1.0);
}

class ClassWeightFile : public TemporaryFolder {
 protected:
  std::vector<double> read(const std::string& bytes) {
    write_quickly(folder_ / "w", bytes);
    return read_class_weights((folder_ / "w").string(), {"neg", "pos", "so so"});
  }
  std::string refusal(const std::string& bytes) {
    const std::string message = message_of([&] { read(bytes); });
    return message.substr(std::min(message.size(), (folder_ / "w").string().size()));
  }
};

TEST_F(ClassWeightFile, NamesClassesInAnyOrder) {
  EXPECT_EQ(read("so so\t0.25\nneg\t3e1\n"), (std::vector<double>{30.0, 1.0, 0.25}));
}

TEST_F(ClassWeightFile, MayBeCompressed) {
  EXPECT_EQ(read(gzip("pos\t4\n")), (std::vector<double>{1.0, 4.0, 1.0}));
}

TEST_F(ClassWeightFile, ProposesNoOtherFormat) {
  EXPECT_EQ(refusal("pos,4\n"),
            ":1: expected \"label<TAB>weight\", found no tab in \"pos,4\"; "
            "put a tab after the label or remove the line");
}

TEST_F(ClassWeightFile, RefusesWhatItCannotMean) {
  EXPECT_EQ(refusal("pso\t1\n"),
            ":1: no text has the label \"pso\"; did you mean \"pos\"?; "
            "correct the label or remove the line");
  EXPECT_EQ(refusal("pos\t1\npos\t2\n"), ":2: the label \"pos\" stands here twice");
  for (const char* weight : {"0", "-1", "nan", "inf", "1x", "", " 1", "1e999", "1e300", "1e-300"}) {
    EXPECT_EQ(
        refusal("pos\t" + std::string(weight) + "\n"),
        ":1: the weight is \"" + std::string(weight) + "\"; expected a finite number above 0");
  }
}

}  // namespace
}  // namespace ockham
