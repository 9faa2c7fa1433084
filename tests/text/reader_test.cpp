#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <sstream>

#include "ockham/text/line_reader.hpp"
#include "ockham/text/record_lines.hpp"
#include "ockham/text/tsv_reader.hpp"
#include "tests/text/record_test_util.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

using namespace std::string_literals;
using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs_of(RecordReader& reader) {
  Pairs pairs;
  Record record;
  while (reader.next(record)) {
    EXPECT_EQ(record.labels.size(), 1u);
    EXPECT_EQ(record.weight, 1.0f);
    pairs.emplace_back(record.labels.at(0), record.text);
  }
  return pairs;
}

Pairs read_tsv(const std::string& bytes) {
  std::istringstream stream(bytes);
  TsvReader reader(stream, "data.tsv");
  TsvReader drip(std::make_unique<DripSource>(bytes), "data.tsv");
  const Pairs pairs = pairs_of(reader);
  EXPECT_EQ(pairs, pairs_of(drip));
  return pairs;
}

std::string tsv_error(const std::string& bytes) {
  return message_of([&] { read_tsv(bytes); });
}

std::vector<std::string> read_lines(const std::string& bytes) {
  const auto read = [](std::unique_ptr<ByteSource> source) {
    LineReader reader(std::move(source), "lines.txt");
    std::vector<std::string> lines;
    for (Record record; reader.next(record);) {
      lines.push_back(record.text);
      EXPECT_EQ(record.line, lines.size());
      EXPECT_TRUE(record.labels.empty());
    }
    EXPECT_EQ(reader.statistics().records, lines.size());
    return lines;
  };
  const auto lines = read(std::make_unique<StringSource>(bytes));
  EXPECT_EQ(lines, read(std::make_unique<DripSource>(bytes)));
  return lines;
}

TEST(TsvReader, ReadsLabelsAndTexts) {
  EXPECT_EQ(read_tsv("pos\tgood\nneg\tbad\n"), (Pairs{{"pos", "good"}, {"neg", "bad"}}));
}

TEST(TsvReader, EndsOfLinesDoNotMatter) {
  const Pairs expected{{"pos", "good"}, {"neg", "bad"}};
  EXPECT_EQ(read_tsv("pos\tgood\r\nneg\tbad\r\n"), expected);
  EXPECT_EQ(read_tsv("pos\tgood\nneg\tbad"), expected);
  EXPECT_EQ(read_tsv("pos\tgood\r\nneg\tbad"), expected);
  EXPECT_EQ(read_tsv("\xEF\xBB\xBFpos\tgood\nneg\tbad\n"), expected);
}

TEST(TsvReader, DropsAByteOrderMarkAtTheStartOnly) {
  EXPECT_EQ(read_tsv("\xEF\xBB\xBFpos\ta\n\xEF\xBB\xBFpos\tb\n"),
            (Pairs{{"pos", "a"}, {"\xEF\xBB\xBFpos", "b"}}));
}

TEST(TsvReader, KeepsOddTexts) {
  EXPECT_EQ(read_tsv("pos\t\n"), (Pairs{{"pos", ""}}));
  EXPECT_EQ(read_tsv("pos\ta\tb\t\n"), (Pairs{{"pos", "a\tb\t"}}));
  EXPECT_EQ(read_tsv("pos\ta\0b\0\n"s), (Pairs{{"pos", "a\0b\0"s}}));
  EXPECT_EQ(read_tsv("very good\t a \n"), (Pairs{{"very good", " a "}}));
  EXPECT_EQ(read_tsv("pos\ta\rb\n"), (Pairs{{"pos", "a\rb"}}));
}

TEST(TsvReader, ReplacesAndCountsInvalidUtf8) {
  std::istringstream stream(
      "p\xFFs\tgo\x80\x80"
      "d\n");
  TsvReader reader(stream, "data.tsv");
  EXPECT_EQ(pairs_of(reader), (Pairs{{"p\uFFFDs",
                                      "go\uFFFD\uFFFD"
                                      "d"}}));
  EXPECT_EQ(reader.statistics().replaced_sequences, 3u);
}

TEST(TsvReader, SkipsAndCountsBlankLines) {
  std::istringstream stream("\n \r\npos\tgood\n\n\nneg\tbad\n\n");
  TsvReader reader(stream, "data.tsv");
  Record record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.line, 3u);
  EXPECT_EQ(reader.where(), "data.tsv:3");
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.line, 6u);
  EXPECT_FALSE(reader.next(record));
  EXPECT_FALSE(reader.next(record));
  EXPECT_EQ(reader.statistics().blank_lines, 5u);
  EXPECT_EQ(reader.statistics().records, 2u);
}

TEST(TsvReader, ReadsLongLines) {
  const std::string longer(3'000'000, 'x');
  std::istringstream stream("pos\t" + longer + "\nneg\tshort\npos\t" + longer);
  TsvReader reader(stream, "data.tsv");
  EXPECT_EQ(pairs_of(reader), (Pairs{{"pos", longer}, {"neg", "short"}, {"pos", longer}}));
}

TEST(TsvReader, NamesTheLineThatIsWrong) {
  EXPECT_EQ(tsv_error("pos\tgood\n\nneg bad\n"),
            "data.tsv:3: expected \"label<TAB>text\", found no tab in \"neg bad\"; "
            "put a tab after the label or remove the line");
  EXPECT_EQ(tsv_error("pos\tgood\n\tbad\n"),
            "data.tsv:2: expected \"label<TAB>text\", found an empty label; "
            "write a label before the tab, remove the line or, where texts may have none, train "
            "with --multi-label");
  EXPECT_NE(tsv_error("__label__a x\n").find("give --format fasttext"), std::string::npos);
  EXPECT_NE(tsv_error("{\"text\": 1}\n").find("give --format jsonl"), std::string::npos);
  EXPECT_EQ(tsv_error("label,text\npos,\"good\"\n"),
            "data.tsv:1: expected \"label<TAB>text\", found no tab in \"label,text\"; "
            "for CSV, give --format csv; else put a tab after the label");
  EXPECT_EQ(tsv_error("pos\tgood\nneg bad, too\n").find("csv"), std::string::npos);
  EXPECT_EQ(tsv_error("a\rb\tx\n"),
            "data.tsv:1: the label \"a?b\" has a tab or a line break in it; rename it");
  EXPECT_NE(tsv_error("\xFF\xFEp\0\t\0x\0\n\0"s).find("data.tsv:1: the file is UTF-16"),
            std::string::npos);
}

TEST(TsvReader, RefusesDataWithoutRecords) {
  EXPECT_EQ(tsv_error(""), "data.tsv: is empty; expected lines of \"label<TAB>text\"");
  EXPECT_EQ(tsv_error("\xEF\xBB\xBF"), tsv_error(""));
  EXPECT_EQ(tsv_error("\n\n"),
            "data.tsv: holds only blank lines; expected lines of \"label<TAB>text\"");
}

TEST(TsvReader, RoundTrip) {
  EXPECT_TRUE(rc::check([](const Pairs& drawn, bool final_newline) {
    const auto clean = [](const std::string& bytes, bool label) {
      std::string out;
      for (const char c : bytes) {
        if (c >= ' ' || (!label && c != '\n' && c != '\r' && c >= 0)) out.push_back(c);
      }
      return label ? "l" + out : out;
    };
    Pairs pairs{{"first", "text"}};
    for (const auto& [label, text] : drawn)
      pairs.emplace_back(clean(label, true), clean(text, false));
    std::string tsv;
    for (const auto& [label, text] : pairs) tsv += label + "\t" + text + "\n";
    if (!final_newline) tsv.pop_back();
    RC_ASSERT(read_tsv(tsv) == pairs);
  }));
}

TEST(LineReader, GivesAsManyTextsAsLines) {
  EXPECT_EQ(read_lines(""), (std::vector<std::string>{}));
  EXPECT_EQ(read_lines("\n"), (std::vector<std::string>{""}));
  EXPECT_EQ(read_lines("a\n\nb"), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(read_lines("a\r\n\r\nb\r\n"), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(read_lines("\xEF\xBB\xBF"
                       "a\tb\n"),
            (std::vector<std::string>{"a\tb"}));
  EXPECT_EQ(read_lines("a\0b\n \n\xFF"s), (std::vector<std::string>{"a\0b"s, " ", "\uFFFD"}));
}

TEST(LineReader, CountsLinesOfAnyBytes) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    const auto newlines = static_cast<size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    const bool open_end = !bytes.empty() && bytes.back() != '\n' && bytes != "\xEF\xBB\xBF";
    RC_ASSERT(read_lines(bytes).size() == newlines + (open_end ? 1 : 0));
  }));
}

TEST(LineReader, ManyBlocks) {
  std::string bytes;
  std::vector<std::string> expected;
  for (size_t i = 0; i < 20'000; ++i) {
    expected.push_back(std::string(i % 97, static_cast<char>('a' + i % 26)));
    bytes += expected.back() + "\n";
  }
  EXPECT_EQ(read_lines(bytes), expected);
}

TEST(LineReader, NamesItsPlace) {
  LineReader reader(std::make_unique<StringSource>("a\nb\n"), "stdin");
  Record record;
  ASSERT_TRUE(reader.next(record) && reader.next(record));
  EXPECT_EQ(reader.where(), "stdin:2");
}

TEST(LineReader, RefusesUtf16) {
  for (const std::string& bytes : {"\xFF\xFEg\0\n\0"s, "g\0o\0o\0d\0\n\0"s}) {
    EXPECT_NE(message_of([&] { read_lines(bytes); }).find("lines.txt:1: the file is UTF-16"),
              std::string::npos);
  }
}

/// Longer lines in parts: put together they are the line, whatever the blocks.
TEST(LineSplitter, HandsOutLongLinesInParts) {
  const std::string bytes = "ab\n" + std::string(20, 'c') + "\r\n\n" + std::string(9, 'd') + "\r" +
                            std::string(9, 'e') + "\r\n" + std::string(7, '\r') + "\nf";
  const std::vector<std::string> expected = {"ab",
                                             std::string(20, 'c'),
                                             "",
                                             std::string(9, 'd') + "\r" + std::string(9, 'e'),
                                             std::string(6, '\r'),
                                             "f"};
  for (const size_t most : {1u, 2u, 3u, 8u, 100u}) {
    LineSplitter splitter(std::make_unique<DripSource>(bytes), most);
    std::vector<std::string> lines;
    size_t longest = 0;
    bool begins = true;
    for (std::string_view part; splitter.next(part);) {
      if (begins) lines.emplace_back();
      lines.back() += part;
      longest = std::max(longest, part.size());
      begins = splitter.line_ended();
      EXPECT_EQ(splitter.line_number(), lines.size());
    }
    EXPECT_EQ(lines, expected) << most;
    EXPECT_LE(longest, most + 2);
    EXPECT_TRUE(begins);
  }
}

TEST(TsvReader, RefusesUtf16WithoutItsMark) {
  EXPECT_NE(tsv_error("p\0\t\0x\0\n\0"s).find("data.tsv:1: the file is UTF-16"), std::string::npos);
  EXPECT_NE(tsv_error("\0p\0\t\0x\0\n"s).find("data.tsv:1: the file is UTF-16"), std::string::npos);
}

TEST(TsvReader, AFewNulsAreNoUtf16) {
  for (const std::string& text :
       {"p\tx\0y\0z\0\n"s, "p\tx\0\0\0\0\0\0\0\n"s, "p\t\0\n"s, "p\tgood \0 and \0 bad \0\n"s}) {
    std::istringstream stream(text);
    TsvReader reader(stream, "data.tsv");
    Record record;
    EXPECT_TRUE(reader.next(record));
  }
}

/// Whatever the blocks are in which it comes.
TEST(RecordLines, RefuseALineThatRunsAway) {
  const auto count_bytes = [](std::unique_ptr<ByteSource> source) {
    RecordLines lines(std::move(source), "data", size_t{1} << 20);
    size_t count = 0;
    for (std::string_view line; lines.next(line);) count += line.size();
    return count;
  };
  const std::string most(size_t{1} << 20, 'a');
  const std::string good = most + "\n" + most + "\r\n\n" + most;
  EXPECT_EQ(count_bytes(std::make_unique<DripSource>(good)), 3 * most.size());
  EXPECT_EQ(count_bytes(std::make_unique<StringSource>(good)), 3 * most.size());
  for (const char* behind : {"\nb\n", "\r\n", ""}) {
    const std::string bad = "b\n" + most + "a" + behind;
    for (const bool drips : {true, false}) {
      const std::string message = message_of([&] {
        if (drips) count_bytes(std::make_unique<DripSource>(bad));
        if (!drips) count_bytes(std::make_unique<StringSource>(bad));
      });
      EXPECT_NE(message.find("data:2: a line of more than 1 MiB"), std::string::npos) << message;
    }
  }
}

}  // namespace
}  // namespace ockham
