#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "tests/cli/cli_test.hpp"

// Where nothing can be written, the message says so, and what was there stays as it was.

namespace ockham {
namespace {

namespace fs = std::filesystem;

class Writing : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("train.tsv", make_corpus(100));
    put_model("m");
  }

  /// All names at the top of the test's folder.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
};

using Names = std::vector<std::string>;

TEST_F(Writing, ModelMustBeNoFile) {
  write("file", "precious");
  expect_refusal(run("train --quiet --train train.tsv --model file"), 1,
                 {"file: is a file", "folder"});
  expect_refusal(run("train --quiet --train train.tsv --model file/below"), 1,
                 {"file/below", "check the path"});
  EXPECT_EQ(read("file"), "precious");
}

TEST_F(Writing, FolderWithOtherFilesIsNotTouched) {
  fs::create_directory(folder_ / "letters");
  write("letters/config.json", "precious");
  expect_refusal(run("train --quiet --train train.tsv --model letters"), 1,
                 {"letters: holds other files", "--model"});
  EXPECT_EQ(files_in("letters"), (Files{{"config.json", "precious"}}));
  expect_refusal(run("train --quiet --train train.tsv --model ."), 1, {".: holds other files"});
  EXPECT_EQ(names(), (Names{"letters", "m", "train.tsv"}));
  // Before any text is read.
  expect_refusal(run("train --train none.tsv --model /proc/new/m"), 1, {"/proc/new", "the path"});

  write("m/log.jsonl.partial-17", "cut off");  // by a kill: that is no reason to refuse
  EXPECT_EQ(run("train --train train.tsv --model m" + kQuick).code, 0);
  EXPECT_FALSE(fs::exists(folder_ / "m/log.jsonl.partial-17"));

  std::filesystem::remove(folder_ / "m/log.jsonl");  // nobody misses it
  EXPECT_EQ(run("train --train train.tsv --model m" + kQuick).code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "m/log.jsonl"));

  write("m/thesis.txt", "precious");
  const Files before = files_in("m");
  expect_refusal(run("train --quiet --train train.tsv --model m"), 1,
                 {"m: holds thesis.txt", "would be lost", "--model"});
  EXPECT_EQ(files_in("m"), before);
}

TEST_F(Writing, WhereNothingCanBeMade) {
  expect_refusal(run("train --quiet --train train.tsv --model /proc/ockham"), 1,
                 {"/proc/ockham", "No such file"});
  expect_refusal(run("compress --model m --output /proc/ockham"), 1, {"/proc/ockham"});
  expect_refusal(run("compress --model m --output no/folder"), 1, {"no/folder", "check the path"});
  expect_refusal(run("compress --model m --output m"), 1, {"m is a folder", "a file"});
  expect_refusal(run("sample-data --output train.tsv"), 1, {"train.tsv"});
  expect_refusal(run("sample-data --output /proc/ockham"), 1, {"/proc/ockham"});
}

TEST_F(Writing, ReadOnlyFolder) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  const Outcome train = run("train --quiet --train train.tsv --model new");
  const Outcome compress = run("compress --model m --output m.ockham");
  fs::permissions(folder_, fs::perms::owner_all);
  expect_refusal(train, 1, {"new", "check the permissions"});
  expect_refusal(compress, 1, {"m.ockham", "check the permissions"});
}

TEST_F(Writing, CompressOntoAFullDisk) {
  expect_refusal(run("compress --model m --output /dev/full"), 1,
                 {"/dev/full", "No space left", "free some space"});
}

TEST_F(Writing, CompressPastAFileSizeLimitKeepsTheOldFile) {
  write("m.ockham", "old");
  expect_refusal(run("compress --model m --output m.ockham", {.largest_file = 100}), 1,
                 {"m.ockham", "File too large", "free some space"});
  EXPECT_EQ(read("m.ockham"), "old");
  EXPECT_EQ(names(), (Names{"m", "m.ockham", "train.tsv"}));
}

TEST_F(Writing, TrainPastAFileSizeLimitKeepsTheOldModel) {
  const std::string train = "train --train train.tsv --model m --hidden 32" + kQuick;
  run_well(train);
  Files before = files_in("m");
  const size_t log = before.at("log.jsonl").size() + 1000;  // how long things took differs
  ASSERT_GT(before.at("model.safetensors").size(), log);
  before.erase("log.jsonl");
  for (const size_t limit : {size_t{100}, log}) {
    SCOPED_TRACE(limit);
    const Outcome outcome = run(train, {.largest_file = limit});
    expect_refusal(outcome, 1, {"cannot write", limit == 100 ? "m/path/log.jsonl" : "m.partial"});
    Files after = files_in("m");
    after.erase("log.jsonl");
    EXPECT_EQ(after.erase("path/log.jsonl"), limit == 100 ? 0u : 1u);
    EXPECT_EQ(after, before);
    EXPECT_EQ(names(), (Names{"m", "train.tsv"}));
  }
  EXPECT_EQ(run("predict --model m", {.input = "good\n"}).code, 0);
}

TEST_F(Writing, WhatCannotBeWrittenIsFoundOutBeforeTheWork) {
  fs::create_directory(folder_ / "taken");
  fs::create_symlink("loop", folder_ / "loop");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  write("kept", "precious");
  for (const std::string command :
       {"compress --model m --vocabulary hashed --train none.tsv --output ",
        "evaluate --model m --data none.tsv --predictions ",
        "report --model m --data none.tsv --html "}) {
    SCOPED_TRACE(command);
    expect_refusal(run(command + "taken"), 1, {"taken is a folder"});
    expect_refusal(run(command + "nowhere/file"), 1, {"cannot write nowhere/file"});
    expect_refusal(run(command + "loop"), 1, {"cannot write loop"});
    expect_refusal(run(command + "file"), 1, {"none.tsv"});
    expect_refusal(run(command + "pipe"), 1, {"none.tsv"});  // which nobody reads
    expect_refusal(run(command + "kept"), 1, {"none.tsv"});
    EXPECT_EQ(read("kept"), "precious");
  }
  EXPECT_EQ(names(), (Names{"kept", "loop", "m", "pipe", "taken", "train.tsv"}));
}

TEST_F(Writing, FullStandardOutput) {
  const Surroundings full{.input = "good\nbad\n", .output_path = "/dev/full"};
  for (const std::string command :
       {"predict --model m", "predict --model m --jsonl", "evaluate --model m --data train.tsv",
        "evaluate --model m --data train.tsv --json", "report --model m", "report --model m --json",
        "train --help", "--help", "--version"}) {
    SCOPED_TRACE(command);
    expect_refusal(run(command, full), 1, {"standard output", "disk full"});
  }
}

TEST_F(Writing, ClosedStandardOutput) {
  const Surroundings closed{.input = "good\nbad\n", .output_closed = true};
  for (const std::string command :
       {"predict --model m", "evaluate --model m --data train.tsv", "report --model m"}) {
    SCOPED_TRACE(command);
    expect_refusal(run(command, closed), 1, {"standard output"});
  }
}

// The first file that is opened would get standard output's number, and the table its bytes.
TEST_F(Writing, ClosedStandardOutputSpillsIntoNoFile) {
  const Surroundings closed{.input_closed = true, .output_closed = true};
  expect_refusal(run("train --train train.tsv --model new" + kQuick, closed), 1,
                 {"standard output"});
  for (const std::string& line : lines_of(read("new/log.jsonl"))) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
  EXPECT_EQ(run("compress --model new --output new.ockham", closed).code, 0);
  EXPECT_EQ(run("predict --model new.ockham", {.input = "good\n"}).code, 0);
}

TEST_F(Writing, NothingThatSomebodyMayWantIsReplaced) {
  const Files model = files_in("m");
  expect_refusal(run("compress --model m --output m/config.json"), 1,
                 {"m/config.json", "elsewhere"});
  expect_refusal(run("compress --model m --output m/path/x"), 1, {"m/path/x", "elsewhere"});
  expect_refusal(run("compress --model m --output -"), 1, {"--output"});
  EXPECT_TRUE(files_in("m") == model);
  expect_refusal(run("sample-data --output ."), 1, {"train.tsv", "exists already"});
  expect_refusal(
      shell("mkdir here && cd here && ockham train --train ../train.tsv --model ." + kQuick), 1,
      {"current folder"});
  std::filesystem::create_directory(folder_ / "logs");
  write("logs/log.jsonl", "my own notes\n");
  expect_refusal(run("train --train train.tsv --model logs" + kQuick), 1,
                 {"logs: its log.jsonl is no log of a training"});
  EXPECT_EQ(read("logs/log.jsonl"), "my own notes\n");

  put_model("other");
  const Files other = files_in("other");
  expect_refusal(run("compress --model m --output other/model.safetensors"), 1,
                 {"other/model.safetensors", "model folder", "elsewhere"});
  expect_refusal(run("train --train train.tsv --model new --log other/config.json" + kQuick), 1,
                 {"other/config.json", "model folder"});
  EXPECT_TRUE(files_in("other") == other);
  write("notes.txt", "my own notes\n");
  expect_refusal(run("train --train train.tsv --model new --log notes.txt" + kQuick), 1,
                 {"notes.txt", "no log of a training"});
  EXPECT_EQ(read("notes.txt"), "my own notes\n");
  expect_refusal(
      shell("mkfifo pipe && ockham train --train train.tsv --model new --log pipe" + kQuick), 1,
      {"--log", "pipe"});
  expect_refusal(run("train --train train.tsv --model new --log /dev/stdout" + kQuick), 1,
                 {"--log", "/dev/stdout"});
}

}  // namespace
}  // namespace ockham
