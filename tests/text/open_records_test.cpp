#include "ockham/text/open_records.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/text/record_test_util.hpp"

namespace ockham {
namespace {

using OpenRecords = TemporaryFolder;

constexpr DataFormat kFormats[] = {DataFormat::tsv, DataFormat::csv, DataFormat::jsonl,
                                   DataFormat::fasttext};

TEST(GuessFormat, GoesByTheEnding) {
  const std::pair<const char*, DataFormat> kinds[] = {{"a.tsv", DataFormat::tsv},
                                                      {"a.txt.gz", DataFormat::tsv},
                                                      {"a.csv", DataFormat::csv},
                                                      {"a.csv.zst", DataFormat::csv},
                                                      {"a.b.jsonl", DataFormat::jsonl},
                                                      {"x/a.json", DataFormat::jsonl},
                                                      {"a.ndjson.zstd", DataFormat::jsonl},
                                                      {"a.ft", DataFormat::fasttext},
                                                      {"a.ft.gz", DataFormat::fasttext},
                                                      {"a", DataFormat::tsv},
                                                      {"-", DataFormat::tsv},
                                                      {"a.csv.bak", DataFormat::tsv},
                                                      {"/", DataFormat::folder}};
  for (const auto& [path, format] : kinds) EXPECT_EQ(guess_format(path), format) << path;
}

TEST_F(OpenRecords, FilesOfEveryFormat) {
  const std::vector<Labelled> expected{{{"pos"}, "good", 1}};
  write_quickly(folder_ / "a.tsv", "pos\tgood\n");
  write_quickly(folder_ / "a.jsonl", "{\"label\":\"pos\",\"text\":\"good\"}");
  write_quickly(folder_ / "a.ft", "__label__pos good\n");
  write_quickly(folder_ / "x", "pos,good\n");
  std::filesystem::create_directories(folder_ / "a/pos");
  write_quickly(folder_ / "a/pos/1.txt", "good\n");
  for (const char* name : {"a.tsv", "a.jsonl", "a.ft", "a"}) {
    EXPECT_EQ(labelled_of(*open_records(folder_ / name)), expected) << name;
  }
  const DataOptions csv{.format = DataFormat::csv, .header = false};
  EXPECT_EQ(labelled_of(*open_records(folder_ / "x", csv)), expected);
}

TEST_F(OpenRecords, RefusesWhatDoesNotFit) {
  write_quickly(folder_ / "a.tsv", "pos\tgood\n");
  const std::string tsv = folder_ / "a.tsv";
  EXPECT_EQ(message_of([&] { open_records(tsv, {.weight_column = "w"}); }),
            tsv +
                ": is read as TSV (label<TAB>text), which has no columns for --weight-column; "
                "leave it out, or name a format that has them: --format csv (--delimiter tab for "
                "a table with tabs) or jsonl");
  EXPECT_EQ(message_of([&] { open_records(tsv, {.format = DataFormat::folder}); }),
            tsv + ": is no folder; --format folder reads a folder with a folder for each class");
  const std::string folder = folder_;
  EXPECT_EQ(message_of([&] { open_records(folder, {.format = DataFormat::csv}); }),
            folder + ": is a folder; expected a file");
  EXPECT_EQ(message_of([&] { open_records(folder + "/none.csv"); }),
            folder + "/none.csv: no such file; check the path");
  write_quickly(folder_ / "empty.tsv", "");
  EXPECT_EQ(message_of([&] { labelled_of(*open_records(folder + "/empty.tsv")); }),
            folder + "/empty.tsv: is empty; expected lines of \"label<TAB>text\"");
}

/// Everything ends with a record or an Error, in whatever pieces the bytes come.
void read_anything(const std::string& bytes, const DataOptions& options) {
  const auto outcome = [&](std::unique_ptr<ByteSource> source) {
    std::string seen;
    Record record;
    try {
      const auto reader = read_records(std::move(source), "data", options);
      while (reader->next(record)) {
        seen += reader->where() + record.text;
        for (const std::string& label : record.labels) seen += label;
      }
    } catch (const Error& error) {
      seen += error.what();
    }
    return seen;
  };
  RC_ASSERT(outcome(std::make_unique<StringSource>(bytes)) ==
            outcome(std::make_unique<DripSource>(bytes)));
}

TEST(AnyBytes, NeverCrashAReader) {
  EXPECT_TRUE(rc::check([](const std::string& bytes, bool header) {
    for (const DataFormat format : kFormats) {
      read_anything(bytes, {.format = format, .header = header});
      read_anything(bytes, {.format = format, .header = header, .labels = false});
    }
  }));
}

TEST(AnyBytes, OfEachFormatNeverCrashItsReader) {
  EXPECT_TRUE(rc::check([](bool header) {
    const auto of = [](const std::vector<std::string>& pieces) {
      std::string bytes;
      for (const std::string& piece :
           *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces))) {
        bytes += piece;
      }
      return bytes;
    };
    const std::vector<std::string> rows{"\"", ",", "\n", "\r\n", "\r", "a", "label,text\n", "\xFF"};
    const std::vector<std::string> objects{
        "{", "}",  "[", "]",    "\"label\":", "\"text\":", "\"a\"",
        ",", "\n", "1", "null", "\\",         "\xC3"};
    const std::vector<std::string> words{"__label__", "a", " ", "\t", "\n", "\xFF"};
    read_anything(of(rows), {.format = DataFormat::csv, .header = header});
    read_anything(of(objects), {.format = DataFormat::jsonl, .weight_column = "text"});
    read_anything(of(words), {.format = DataFormat::fasttext});
    read_anything(of(words), {.format = DataFormat::tsv});
  }));
}

}  // namespace
}  // namespace ockham
