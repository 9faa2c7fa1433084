#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/text/record_test_util.hpp"

// Readers of which the texts alone are wanted.

namespace ockham {
namespace {

using namespace std::string_literals;
using Texts = std::vector<std::string>;

DataOptions unlabelled(DataFormat format, DataOptions options = {}) {
  options.format = format;
  options.labels = false;
  return options;
}

Texts texts_of(const std::string& bytes, const DataOptions& options) {
  Texts texts;
  for (const Labelled& record : records_of(bytes, options)) {
    EXPECT_EQ(record.labels, Labels{});
    texts.push_back(record.text);
  }
  return texts;
}

TEST(IgnoredLabels, CsvNeedsNoColumnOfThem) {
  const DataOptions csv = unlabelled(DataFormat::csv);
  EXPECT_EQ(texts_of("id,text\n1,good\n2,\"b,\nad\"\n", csv), (Texts{"good", "b,\nad"}));
  EXPECT_EQ(texts_of("text\ngood\n\nbad\n", csv), (Texts{"good", "bad"}));
  EXPECT_EQ(texts_of("text\n\"\"\n\n\" \"\nbad\n", csv), (Texts{"", " ", "bad"}))
      << "an empty field is a text, an empty line is none";
  EXPECT_EQ(texts_of("label,text\n,good\n\"a\tb\",bad\n", csv), (Texts{"good", "bad"}))
      << "labels that training refuses";
  const auto of = [](const char* column, bool header) {
    return unlabelled(DataFormat::csv, {.text_column = column, .header = header});
  };
  EXPECT_EQ(texts_of("label\ngood\n", of("label", true)), Texts{"good"});
  EXPECT_EQ(texts_of("good\nbad\n", of("1", false)), (Texts{"good", "bad"}));
  EXPECT_EQ(texts_of("x,good\n", unlabelled(DataFormat::csv, {.header = false})), Texts{"good"});
}

TEST(IgnoredLabels, JsonNeedsNoneOfThem) {
  const DataOptions jsonl = unlabelled(DataFormat::jsonl);
  EXPECT_EQ(texts_of("{\"text\":\"a\"}\n{\"text\":\"b\",\"label\":null}\n"
                     "{\"text\":\"c\",\"label\":[\"x\"]}\n{\"text\":\"d\",\"label\":\"\"}\n",
                     jsonl),
            (Texts{"a", "b", "c", "d"}));
  EXPECT_EQ(
      texts_of("{\"label\":\"a\"}\n", unlabelled(DataFormat::jsonl, {.text_column = "label"})),
      Texts{"a"});
}

TEST(IgnoredLabels, FastTextAndTsvDropThem) {
  EXPECT_EQ(texts_of("__label__x good\nbad one\nno __label__y labels\nno __label__ name\n",
                     unlabelled(DataFormat::fasttext)),
            (Texts{"good", "bad one", "no labels", "no name"}));
  EXPECT_EQ(texts_of("pos\tgood\ttoo\n\tbad\n", unlabelled(DataFormat::tsv)),
            (Texts{"good\ttoo", "bad"}));
}

TEST(IgnoredLabels, MalformedRecordsAreStillRefused) {
  EXPECT_EQ(error_of("text,id\ngood\n", unlabelled(DataFormat::csv)),
            "data:2: found 1 field, expected 2 as in the first row; put quotes around a field that "
            "holds the delimiter or a line end");
  EXPECT_NE(error_of("txt\ngood\n", unlabelled(DataFormat::csv)).find("did you mean \"txt\"?"),
            std::string::npos);
  EXPECT_NE(error_of("{\"txt\":\"a\"}\n", unlabelled(DataFormat::jsonl)).find("mean \"txt\"?"),
            std::string::npos);
  EXPECT_NE(error_of("no tab\n", unlabelled(DataFormat::tsv)).find("data:1: expected"),
            std::string::npos);
  EXPECT_NE(error_of("\xFF\xFE{\0"s, unlabelled(DataFormat::jsonl)).find("is UTF-16"),
            std::string::npos);
}

TEST(IgnoredLabels, NothingIsNoError) {
  for (const DataFormat format :
       {DataFormat::tsv, DataFormat::csv, DataFormat::jsonl, DataFormat::fasttext}) {
    EXPECT_EQ(texts_of("", unlabelled(format)), Texts{});
    EXPECT_EQ(texts_of("\n \n", unlabelled(format)), Texts{});
  }
  EXPECT_EQ(texts_of("text,label\n", unlabelled(DataFormat::csv)), Texts{});
}

TEST(IgnoredLabels, PlainLinesHaveNone) {
  EXPECT_EQ(texts_of("x\ty\n\n__label__a b\n", unlabelled(DataFormat::lines)),
            (Texts{"x\ty", "", "__label__a b"}));
  EXPECT_EQ(error_of("a\n", {.format = DataFormat::lines}),
            "data: plain lines are texts without labels; name another format");
  EXPECT_NE(error_of("a\n", unlabelled(DataFormat::lines, {.text_column = "a"}))
                .find("is read as plain text, which has no columns for --text-column"),
            std::string::npos);
}

class UnlabelledFolder : public TemporaryFolder {
 protected:
  Texts texts() const {
    Texts texts;
    const auto reader = open_records(folder_, {.labels = false});
    for (const Labelled& record : labelled_of(*reader)) {
      EXPECT_EQ(record.labels, Labels{});
      texts.push_back(record.text);
    }
    return texts;
  }
  void put(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    write_quickly(folder_ / name, bytes);
  }
};

TEST_F(UnlabelledFolder, IsReadAsTheLabelledOne) {
  put("pos/1.txt", "good\n");
  put("neg/2.txt", "bad\n");
  put("readme.txt", "passed over");
  EXPECT_EQ(texts(), (Texts{"bad", "good"}));
}

TEST_F(UnlabelledFolder, MayHoldTheTextsItself) {
  put("b.txt", "second\n");
  put("a.txt", "first\n");
  put("notes.md", "passed over");
  EXPECT_EQ(texts(), (Texts{"first", "second"}));
  EXPECT_NE(message_of([&] { open_records(folder_); }).find("without folders in it"),
            std::string::npos)
      << "where labels are wanted";
}

TEST_F(UnlabelledFolder, WithoutATextIsRefused) {
  EXPECT_NE(message_of([&] { texts(); }).find("is a folder without a text"), std::string::npos);
}

}  // namespace
}  // namespace ockham
