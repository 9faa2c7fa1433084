#include "ockham/text/dataset.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

Dataset read_known(const std::string& tsv, const std::vector<std::string>& classes) {
  std::istringstream stream(tsv);
  TsvReader reader(stream, "test.tsv");
  return read_dataset(reader, classes);
}

/// A reader of several labels a text, as a later format will be one.
class ManyLabelReader final : public RecordReader {
 public:
  bool next(Record& record) override {
    if (record_ == 2) return false;
    record.labels =
        record_ == 0 ? std::vector<std::string>{"z", "a", "z"} : std::vector<std::string>{"m", "a"};
    record.text = "text";
    record.weight = 0.5f;
    record.line = ++record_;
    return true;
  }
  std::string where() const override { return "many:1"; }
  std::string name() const override { return "many"; }

 private:
  uint64_t record_ = 0;
};

TEST(Dataset, SortsClassesBytewise) {
  const Dataset data = dataset_of("pos\tgood\nneg\tbad\n\nPOS\t\npos\tfine\n");
  EXPECT_EQ(data.classes, (std::vector<std::string>{"POS", "neg", "pos"}));
  ASSERT_EQ(data.size(), 4u);
  EXPECT_EQ(data.text(0), "good");
  EXPECT_EQ(data.text(2), "");
  EXPECT_EQ(data.text(3), "fine");
  EXPECT_EQ(data.label(0), 2u);
  EXPECT_EQ(data.label(1), 1u);
  EXPECT_EQ(data.label(2), 0u);
  EXPECT_EQ(data.lines, (std::vector<uint64_t>{1, 2, 4, 5}));
  EXPECT_EQ(data.weights, std::vector<float>(4, 1.0f));
  EXPECT_EQ(data.statistics.blank_lines, 1u);
  EXPECT_EQ(data.name, "data.tsv");
}

TEST(Dataset, HoldsSeveralLabelsAText) {
  ManyLabelReader reader;
  const Dataset data = read_dataset(reader);
  EXPECT_EQ(data.classes, (std::vector<std::string>{"a", "m", "z"}));
  EXPECT_EQ(data.labels(0).size(), 2u);
  EXPECT_EQ(data.labels(0)[0], 0u);
  EXPECT_EQ(data.labels(0)[1], 2u);
  EXPECT_EQ(data.labels(1)[0], 0u);
  EXPECT_EQ(data.labels(1)[1], 1u);
  EXPECT_EQ(data.weights, std::vector<float>(2, 0.5f));
}

TEST(Dataset, KeepsTheOrderOfKnownClasses) {
  const Dataset data = read_known("neg\tbad\n", {"pos", "neg", "other"});
  EXPECT_EQ(data.classes, (std::vector<std::string>{"pos", "neg", "other"}));
  EXPECT_EQ(data.label(0), 1u);
}

TEST(Dataset, NamesAnUnknownLabel) {
  EXPECT_EQ(message_of([] {
              read_known("neg\tbad\nbda\tbad\n", {"neg", "pos"});
            }),
            "test.tsv:2: unknown label \"bda\"; the model knows \"neg\", \"pos\"; "
            "correct the label or remove the line");
}

TEST(Dataset, OneClassCannotBeTrained) {
  EXPECT_NE(message_of([] {
              check_trainable(dataset_of("pos\ta\npos\tb\n"));
            }).find("data.tsv: every text has the label \"pos\""),
            std::string::npos);
}

TEST(Dataset, AClassOfOneTextCannotBeTrained) {
  EXPECT_NE(message_of([] {
              check_trainable(dataset_of("b\t1\na\t2\n\nc\t3\na\t4\nb\t5\n"));
            }).find("data.tsv:4: class \"c\" has only this text"),
            std::string::npos);
  EXPECT_NO_THROW(check_trainable(dataset_of("b\t1\na\t2\na\t3\nb\t4\n")));
}

TEST(Dataset, AClassOfOneTextIsEnoughWhereNoneIsHeldOut) {
  const Dataset dataset = dataset_of("a\t1\nb\t2\nb\t3\n");
  EXPECT_THROW(check_trainable(dataset), Error);
  EXPECT_NO_THROW(check_trainable(dataset, {.held_out = false}));
  EXPECT_NO_THROW(check_trainable(dataset, {.known_classes = 1}));
  EXPECT_THROW(check_trainable(dataset_of("a\t1\na\t2\n"), {.held_out = false}), Error);
}

TEST(Split, TakesTheLastPartOfEachClass) {
  const Dataset data = dataset_of("a\t0\na\t1\nb\t2\na\t3\nb\t4\na\t5\nb\t6\nb\t7\n");
  const Split split = split_validation(data, 0.25);
  EXPECT_EQ(split.train, (std::vector<uint32_t>{0, 1, 2, 3, 4, 6}));
  EXPECT_EQ(split.validation, (std::vector<uint32_t>{5, 7}));
}

TEST(Split, HoldsNothingOutOfLaterTexts) {
  const Dataset data = dataset_of("a\t0\na\t1\nb\t2\nb\t3\na\t4\nb\t5\nb\t6\n");
  const Split split = split_validation(data, 0.25, 4);
  EXPECT_EQ(split.train, (std::vector<uint32_t>{0, 2, 4, 5, 6}));
  EXPECT_EQ(split.validation, (std::vector<uint32_t>{1, 3}));
}

TEST(Split, LeavesATextOfEachClassOnEitherSide) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& drawn) {
    std::string tsv = "0\tx\n1\tx\n2\tx\n0\tx\n1\tx\n2\tx\n";
    for (const uint8_t value : drawn) tsv += std::to_string(value % 3) + "\tx\n";
    const Dataset data = dataset_of(tsv);
    const double fraction = *rc::gen::element(0.001, 0.05, 0.5, 0.999);
    const Split split = split_validation(data, fraction);
    RC_ASSERT(split.train.size() + split.validation.size() == data.size());
    RC_ASSERT(std::is_sorted(split.train.begin(), split.train.end()));
    RC_ASSERT(std::is_sorted(split.validation.begin(), split.validation.end()));
    for (uint32_t label = 0; label < 3; ++label) {
      std::vector<uint32_t> train;
      std::vector<uint32_t> validation;
      for (const uint32_t i : split.train) {
        if (data.label(i) == label) train.push_back(i);
      }
      for (const uint32_t i : split.validation) {
        if (data.label(i) == label) validation.push_back(i);
      }
      RC_ASSERT(!train.empty() && !validation.empty());
      RC_ASSERT(train.back() < validation.front());
    }
  }));
}

TEST(Split, RefusesAFractionOutOfRange) {
  const Dataset data = dataset_of("a\t0\nb\t1\n");
  EXPECT_THROW(split_validation(data, 0), Error);
  EXPECT_THROW(split_validation(data, 1), Error);
}

TEST(RenameClasses, MatchesLabelsByName) {
  Dataset dataset = dataset_of("b\tone\nz\ttwo\na\tthree\nb\tfour\n");
  const std::vector<std::string> classes = joined_classes({"y", "b", "x"}, dataset.classes);
  EXPECT_EQ(classes, (std::vector<std::string>{"y", "b", "x", "a", "z"}));
  rename_classes(dataset, classes);
  EXPECT_EQ(dataset.classes, classes);
  EXPECT_EQ(dataset.label_ids, (std::vector<uint32_t>{1, 4, 3, 1}));
  dataset = dataset_of("b\tone\na\ttwo\n");
  dataset.label_ids = {0, 1};  // both labels of the first text
  dataset.label_offsets = {0, 2, 2};
  rename_classes(dataset, {"b", "a"});
  EXPECT_EQ(dataset.label_ids, (std::vector<uint32_t>{0, 1}));
  EXPECT_NE(message_of([&] { rename_classes(dataset, {"b"}); }), "");
}

}  // namespace
}  // namespace ockham
