#include "ockham/text/csv_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/text/record_test_util.hpp"

namespace ockham {
namespace {

using namespace std::string_literals;
using Records = std::vector<Labelled>;

DataOptions csv(DataOptions options = {}) {
  options.format = DataFormat::csv;
  return options;
}

Records read_csv(const std::string& bytes, const DataOptions& options = csv()) {
  return records_of(bytes, options);
}

std::string csv_error(const std::string& bytes, const DataOptions& options = csv()) {
  return error_of(bytes, options);
}

TEST(CsvReader, FindsColumnsByTheirNames) {
  EXPECT_EQ(read_csv("label,text\npos,good\nneg,bad\n"),
            (Records{{{"pos"}, "good", 2}, {{"neg"}, "bad", 3}}));
  EXPECT_EQ(read_csv("id,text,label\n7,good,pos\n"), (Records{{{"pos"}, "good", 2}}));
  EXPECT_EQ(read_csv("t,l,w\ngood,pos,0.5\nbad,neg,2\n",
                     csv({.text_column = "t", .label_column = "l", .weight_column = "w"})),
            (Records{{{"pos"}, "good", 2, 0.5f}, {{"neg"}, "bad", 3, 2.0f}}));
}

TEST(CsvReader, JoinsSeveralColumns) {
  EXPECT_EQ(read_csv("title,body,label\nOh,no!,neg\n,x,pos\n", csv({.text_column = "title,body"})),
            (Records{{{"neg"}, "Oh no!", 2}, {{"pos"}, " x", 3}}));
}

TEST(CsvReader, CountsColumnsWithoutAHeader) {
  EXPECT_EQ(read_csv("pos,good\nneg,bad", csv({.header = false})),
            (Records{{{"pos"}, "good", 1}, {{"neg"}, "bad", 2}}));
  EXPECT_EQ(read_csv("a,b,c\n", csv({.text_column = "3,1", .label_column = "2", .header = false})),
            (Records{{{"b"}, "c a", 1}}));
}

TEST(CsvReader, UndoesQuotes) {
  const std::string header = "label,text\n";
  EXPECT_EQ(read_csv(header + "\"a, b\",\"say \"\"no\"\", please\"\n"),
            (Records{{{"a, b"}, "say \"no\", please", 2}}));
  EXPECT_EQ(read_csv(header + "x,\"\"\ny,\"\"\"\"\n"), (Records{{{"x"}, "", 2}, {{"y"}, "\"", 3}}));
  EXPECT_EQ(read_csv("\"label\",\"text\"\r\n\"x\",\"y\"\r\n\"z\",\"\""),
            (Records{{{"x"}, "y", 2}, {{"z"}, "", 3}}));
}

TEST(CsvReader, QuotedFieldsHoldLineEnds) {
  EXPECT_EQ(read_csv("label,text\nx,\"one\ntwo\r\nthree\"\n\ny,\"\n\"\nz,end\n"),
            (Records{{{"x"}, "one\ntwo\r\nthree", 2}, {{"y"}, "\n", 6}, {{"z"}, "end", 8}}));
}

TEST(CsvReader, PlainFieldsFollowQuotedLineEnds) {
  EXPECT_EQ(read_csv("text,label,id\n\"one\ntwo\n\",x,1\n\"\n\",y,\n\"a\nb\",z,"),
            (Records{{{"x"}, "one\ntwo\n", 2}, {{"y"}, "\n", 5}, {{"z"}, "a\nb", 7}}));
}

TEST(CsvReader, AQuoteWithinAFieldIsItself) {
  EXPECT_EQ(read_csv("label,text\nx,a 5\" disk\ny, \"b\"\n"),
            (Records{{{"x"}, "a 5\" disk", 2}, {{"y"}, " \"b\"", 3}}));
}

TEST(CsvReader, OtherDelimiters) {
  EXPECT_EQ(read_csv("label;text\nx;a, b\n", csv({.delimiter = ';'})),
            (Records{{{"x"}, "a, b", 2}}));
  EXPECT_EQ(read_csv("label\ttext\nx\t\"a\tb\"\n", csv({.delimiter = '\t'})),
            (Records{{{"x"}, "a\tb", 2}}));
}

TEST(CsvReader, KeepsOddContent) {
  EXPECT_EQ(read_csv("\xEF\xBB\xBFlabel,text\r\nx,a\0b\ry\r\n"s),
            (Records{{{"x"}, "a\0b\ry"s, 2}}));
  EXPECT_EQ(read_csv("label,text\nx,\nvery good, a \n"),
            (Records{{{"x"}, "", 2}, {{"very good"}, " a ", 3}}));
}

TEST(CsvReader, CountsBlankLinesAndInvalidUtf8) {
  CsvReader reader(std::make_unique<StringSource>("\nlabel,text\n \nx,\"a\xFF\"\"\"\r\n\r\n"),
                   "data", {});
  EXPECT_EQ(labelled_of(reader), (Records{{{"x"}, "a\uFFFD\"", 4}}));
  EXPECT_EQ(reader.statistics().blank_lines, 3u);
  EXPECT_EQ(reader.statistics().replaced_sequences, 1u);
}

TEST(CsvReader, RowsLongerThanABlock) {
  const std::string text(700'000, 'x');
  EXPECT_EQ(labelled_of(*read_records(
                std::make_unique<StringSource>("label,text\na,\"" + text + "\n\"\"\"\nb," + text),
                "data", csv())),
            (Records{{{"a"}, text + "\n\"", 2}, {{"b"}, text, 4}}));
}

TEST(CsvReader, SuggestsTheColumnThatWasMeant) {
  EXPECT_EQ(csv_error("lable,Text\nx,y\n"),
            "data:1: the header has no column \"label\", only \"lable\", \"Text\"; did you mean "
            "\"lable\"? (--label-column names one; --no-header if the first row is a record)");
  EXPECT_EQ(csv_error("label;text\nx;y\n"),
            "data:1: the header has no column \"label\", only \"label;text\"; did you mean "
            "\"label;text\"? (--label-column names one; --delimiter says what parts them)");
  EXPECT_EQ(csv_error("a,b\n", csv({.text_column = "3", .header = false})),
            "data:1: there is no column \"3\"; without a header they are 1 to 2; name one of them "
            "with --text-column");
  EXPECT_NE(csv_error("label,text,text\nx,y,z\n").find("two columns \"text\""), std::string::npos);
  EXPECT_NE(csv_error("label,text\nx,y\n", csv({.text_column = "label"})).find("both label and"),
            std::string::npos);
}

TEST(CsvReader, NamesARaggedRow) {
  EXPECT_EQ(csv_error("label,text\nx,y\nx,y, z\n"),
            "data:3: found 3 fields, expected 2 as in the first row; put quotes around a field "
            "that holds the delimiter or a line end");
  EXPECT_NE(csv_error("label,text\nx\n").find("data:2: found 1 field, expected 2"),
            std::string::npos);
}

TEST(CsvReader, NamesTheLineWhereAQuoteOpened) {
  EXPECT_EQ(csv_error("label,text\nx,\"a\nb\"\ny,\"c\nd\ne\n"),
            "data:4: the quote that opens here does not end: \"\"c?d?e?\"; close it, and double "
            "the quotes inside a quoted field");
  EXPECT_NE(csv_error("label,text\n\"x\n\",\"y\n").find("data:3: the quote"), std::string::npos);
}

TEST(CsvReader, RefusesBytesBehindAQuote) {
  EXPECT_EQ(csv_error("label,text\nx,\"a\n\"b\"\n"),
            "data:3: expected \",\" or the end of the line after a closing quote, found \"b\"\"; "
            "double the quotes inside a quoted field");
}

TEST(CsvReader, RefusesBadLabelsAndWeights) {
  EXPECT_NE(csv_error("label,text\n,y\n").find("data:2: the label is empty"), std::string::npos);
  EXPECT_NE(csv_error("label,text\n\"a\nb\",y\n").find("data:2: the label \"a?b\" has a tab or"),
            std::string::npos);
  for (const char* weight : {"0", "-1", "inf", "nan", "1e60", "1e-60", "x", "", "1 "}) {
    const std::string message =
        csv_error("label,text,w\nx,y,"s + weight + "\n", csv({.weight_column = "w"}));
    EXPECT_EQ(message,
              "data:2: the weight is \""s + weight + "\"; expected a finite number above 0");
  }
}

TEST(CsvReader, RefusesDataWithoutRecords) {
  EXPECT_EQ(csv_error(""), "data: is empty; expected rows of CSV under a header");
  EXPECT_EQ(csv_error("\n \n"),
            "data: holds only blank lines; expected rows of CSV under a header");
  EXPECT_EQ(csv_error("label,text\n\n"),
            "data: holds a header and no records; expected rows of CSV under a header");
  EXPECT_NE(csv_error("\xFF\xFEl\0"s).find("data:1: the file is UTF-16"), std::string::npos);
}

std::string quoted(const std::string& field) {
  std::string out = "\"";
  for (const char c : field) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

TEST(CsvReader, RoundTrip) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_TRUE(rc::check([](const Pairs& drawn, bool always_quoted, bool final_end) {
    const std::string end = *rc::gen::element<std::string>("\n", "\r\n");
    // Shrunk alphabets meet the awkward neighbours more often than all of ASCII would.
    const auto text = rc::gen::container<std::string>(rc::gen::element('a', '"', ',', '\n', '\r'));
    Records expected;
    std::string bytes = "label,text,more" + end;
    uint64_t line = 2;
    for (const auto& pair : drawn) {
      const Labelled record{{std::string("l").append(ascii_only(pair.first, "\t\r\n"))},
                            pair.second.size() % 2 == 0 ? *text : ascii_only(pair.second, ""),
                            line};
      for (const std::string& field : {record.labels[0], record.text}) {
        const bool plain = field.find_first_of("\",\n\r") == std::string::npos;
        bytes += (plain && !always_quoted ? field : quoted(field));
        bytes += ",";
      }
      bytes.append(record.text.size() % 3 == 0 ? "m" : "").append(end);
      line += 1 + static_cast<uint64_t>(std::count(record.text.begin(), record.text.end(), '\n'));
      expected.push_back(record);
    }
    if (!final_end && !drawn.empty()) bytes.resize(bytes.size() - end.size());
    if (drawn.empty()) return;
    RC_ASSERT(read_csv(bytes) == expected);
  }));
}

TEST(CsvReader, RefusesUtf16WithoutItsMark) {
  EXPECT_NE(csv_error("a\0,\0b\0\n\0"s).find("data:1: the file is UTF-16"), std::string::npos);
}

}  // namespace
}  // namespace ockham
