#include "ockham/text/fasttext_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/text/record_test_util.hpp"

namespace ockham {
namespace {

using namespace std::literals;
using Records = std::vector<Labelled>;

const DataOptions kFastText{.format = DataFormat::fasttext};

Records read_fasttext(const std::string& bytes) {
  return records_of(bytes, kFastText);
}

std::string fasttext_error(const std::string& bytes) {
  return error_of(bytes, kFastText);
}

TEST(FastTextReader, ReadsLabelsAndTexts) {
  EXPECT_EQ(read_fasttext("__label__pos good\n__label__a  __label__b\tnot bad , really\r\n"),
            (Records{{{"pos"}, "good", 1}, {{"a", "b"}, "not bad , really", 2}}));
  EXPECT_EQ(read_fasttext(" __label__pos\n__label__x,y  two\n"),
            (Records{{{"pos"}, "", 1}, {{"x,y"}, " two", 2}}));
}

TEST(FastTextReader, LabelsLeaveTheTextWhereverTheyStand) {
  EXPECT_EQ(read_fasttext("good film __label__pos\n__label__a x __label__b y__label__c z\n"),
            (Records{{{"pos"}, "good film ", 1}, {{"a", "b"}, "x y__label__c z", 2}}));
}

TEST(FastTextReader, KeepsOddContent) {
  EXPECT_EQ(read_fasttext("\xEF\xBB\xBF__label__a x\ty\0z\n\n \0\n__label__b w"s),
            (Records{{{"a"}, "x\ty\0z"s, 1}, {{"b"}, "w", 4}}));
}

TEST(FastTextReader, CountsBlankLinesAndInvalidUtf8) {
  FastTextReader reader(std::make_unique<StringSource>("\n__label__\xFF a\xFF\n\t\n"), "data");
  EXPECT_EQ(labelled_of(reader), (Records{{{"\uFFFD"}, "a\uFFFD", 2}}));
  EXPECT_EQ(reader.statistics().blank_lines, 2u);
  EXPECT_EQ(reader.statistics().replaced_sequences, 2u);
}

TEST(FastTextReader, NamesTheLineThatIsWrong) {
  EXPECT_EQ(fasttext_error("__label__a x\npos\tgood\n"),
            "data:2: expected \"__label__NAME text\", found no word that starts with __label__ in "
            "\"pos?good\"; put a label in front or remove the line");
  EXPECT_EQ(fasttext_error("__label__ a x\n"),
            "data:1: expected \"__label__NAME text\", found __label__ without a name; write the "
            "name right behind it or remove it");
  EXPECT_EQ(fasttext_error(""), "data: is empty; expected lines of \"__label__NAME text\"");
  EXPECT_EQ(fasttext_error(" \n"),
            "data: holds only blank lines; expected lines of \"__label__NAME text\"");
}

TEST(FastTextReader, RoundTrip) {
  using Drawn = std::vector<std::pair<std::vector<std::string>, std::string>>;
  EXPECT_TRUE(rc::check([](const Drawn& drawn) {
    Records expected{{{"first"}, "text", 1}};
    for (const auto& [labels, text] : drawn) {
      Labelled record{{"l"}, ascii_only(text, "\r\n") + ".", expected.size() + 1};
      for (const std::string& label : labels) {
        record.labels.push_back(std::string("m").append(ascii_only(label, " \t\v\f\r\n\0"sv)));
      }
      expected.push_back(record);
    }
    std::string bytes;
    for (const Labelled& record : expected) {
      for (const std::string& label : record.labels) bytes += "__label__" + label + " ";
      bytes += record.text + "\n";
    }
    RC_ASSERT(read_fasttext(bytes) == expected);
  }));
}

}  // namespace
}  // namespace ockham
