#include "ockham/text/folder_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <sstream>

#include "ockham/text/dataset.hpp"
#include "ockham/text/utf8.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/text/record_test_util.hpp"

namespace ockham {
namespace {

using Records = std::vector<Labelled>;

class FolderReaderTest : public TemporaryFolder {
 protected:
  void put(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    write_quickly(folder_ / name, bytes);
  }
  std::string path(const std::string& name = "") const {
    return name.empty() ? folder_.string() : (folder_ / name).string();
  }
  std::string folder_error() const {
    return message_of([&] {
      FolderReader reader(path());
      labelled_of(reader);
    });
  }
};

TEST_F(FolderReaderTest, ReadsClassesAndFilesInOrder) {
  put("pos/b.txt", "third\n");
  put("pos/a b.txt", "second");
  put("neg/10.txt",
      "\xEF\xBB\xBF"
      "first\nline \xFF\r\n");
  put("urls_pos.txt", "passed over");
  put("pos/notes.md", "passed over");
  put("pos/.hidden.txt", "passed over");
  put(".git/x.txt", "passed over");
  FolderReader reader(path());
  EXPECT_EQ(reader.where(), path());
  Record record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.labels, Labels{"neg"});
  EXPECT_EQ(record.text, "first\nline \uFFFD");
  EXPECT_EQ(record.file, path("neg/10.txt"));
  EXPECT_EQ(reader.where(), record.file);
  EXPECT_EQ(labelled_of(reader), (Records{{{"pos"}, "second", 2}, {{"pos"}, "third", 3}}));
  EXPECT_EQ(reader.statistics().replaced_sequences, 1u);
  EXPECT_EQ(reader.statistics().records, 3u);
}

TEST_F(FolderReaderTest, EveryEndingOfACompressedTextIsRead) {
  for (const char* end : {".txt", ".txt.gz", ".txt.zst", ".txt.zstd"})
    put("pos/a" + std::string(end), end);
  FolderReader reader(path());
  EXPECT_EQ(labelled_of(reader).size(), 4u);
}

TEST_F(FolderReaderTest, WhatWasWrittenIsRead) {
  EXPECT_TRUE(rc::check([&](const std::vector<std::pair<uint8_t, std::string>>& drawn) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    Records expected;
    for (const auto& [label, bytes] : drawn) {
      std::string text;
      sanitize_utf8(bytes, text);
      if (text.starts_with("\xEF\xBB\xBF") || text.ends_with('\r')) continue;
      const std::string name = "label " + std::to_string(label % 3);
      std::ostringstream file;  // whose names are in the order of writing
      file << name << '/' << std::setw(6) << std::setfill('0') << expected.size() << ".txt";
      put(file.str(), text + (label % 2 == 0 ? "\n" : "\r\n"));
      expected.push_back({{name}, text});
    }
    if (expected.empty()) return;
    std::ranges::stable_sort(expected, {}, [](const Labelled& r) { return r.labels; });
    FolderReader reader(path());
    Records read = labelled_of(reader);
    for (size_t i = 0; i < expected.size(); ++i) expected[i].line = i + 1;
    RC_ASSERT(read == expected);
  }));
}

TEST_F(FolderReaderTest, KeepsEmptyTexts) {
  put("pos/a.txt", "");
  put("neg/a.txt", "\n");
  FolderReader reader(path());
  EXPECT_EQ(labelled_of(reader), (Records{{{"neg"}, "", 1}, {{"pos"}, "", 2}}));
}

TEST_F(FolderReaderTest, MessagesNameTheFile) {
  put("a/1.txt", "x");
  put("a/2.txt", "y");
  put("b/1.txt", "z");
  const auto reader = open_records(path());
  EXPECT_EQ(message_of([&] { check_trainable(read_dataset(*reader)); }),
            path("b/1.txt") +
                ": class \"b\" has only this text; training needs at least two in "
                "each class; add texts, remove it, or give texts to choose by with --valid");
}

TEST_F(FolderReaderTest, RefusesFoldersWithoutClasses) {
  EXPECT_EQ(folder_error(), path() +
                                ": is a folder without folders in it; expected one for each "
                                "class, such as " +
                                path("pos") + ", or name a file");
  put("pos/a.txt", "x");
  put("other/readme.md", "x");
  EXPECT_EQ(folder_error(),
            path("other") + ": holds no text (a file whose name ends in .txt); every folder in " +
                path() + " is a class; add texts or move it elsewhere");
}

TEST_F(FolderReaderTest, ATextThatCannotBeFoundIsNotLeftOut) {
  put("pos/a.txt", "x");
  std::filesystem::create_symlink("nowhere", path("pos/b.txt"));
  EXPECT_NE(folder_error().find(path("pos/b.txt")), std::string::npos) << folder_error();
  std::filesystem::remove(path("pos/b.txt"));
  std::filesystem::create_symlink("a.txt", path("pos/b.txt"));
  FolderReader reader(path());
  EXPECT_EQ(labelled_of(reader).size(), 2u) << "a link to a text is one";
}

TEST_F(FolderReaderTest, RefusesUtf16) {
  put("pos/a.txt", "\xFF\xFEx");
  EXPECT_NE(folder_error().find(path("pos/a.txt") + ": the file is UTF-16"), std::string::npos);
}

}  // namespace
}  // namespace ockham
