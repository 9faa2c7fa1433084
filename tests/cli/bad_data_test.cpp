#include "tests/cli/cli_test.hpp"

// The data cannot be used: exit code 1, and the message says where.

namespace ockham {
namespace {

class BadData : public CliTest {
 protected:
  void expect_train_refuses(const std::string& data, const std::vector<std::string>& parts) {
    expect_refusal(run("train --quiet --train " + data + " --model m"), 1, parts);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "m"));
  }
};

TEST_F(BadData, MissingFile) {
  expect_train_refuses("none.tsv", {"none.tsv: no such file", "check the path"});
  write("train.tsv", make_corpus(20));
  expect_refusal(run("train --quiet --train train.tsv --valid none.tsv --model m"), 1,
                 {"none.tsv: no such file"});
  expect_train_refuses("train.tsv/x", {"train.tsv/x", "check the path"});
  put_model("model");
  expect_refusal(run("evaluate --model model --data none.tsv"), 1, {"none.tsv: no such file"});
  expect_refusal(run("predict --model model none.txt"), 1, {"none.txt: no such file"});
}

TEST_F(BadData, CacheFolderThatIsNotThere) {
  write("train.tsv", make_corpus(20));
  expect_train_refuses("train.tsv --cache-dir none",
                       {"temporary file in none", "No such file", "--cache-dir", "TMPDIR"});
}

TEST_F(BadData, ALineWithoutAnEnd) {
  expect_refusal(shell("ulimit -v 4000000; ockham train --train /dev/zero --model m"), 1,
                 {"/dev/zero:1: a line of more than 256 MiB"});
}

TEST_F(BadData, FolderInPlaceOfAFile) {
  std::filesystem::create_directory(folder_ / "folder");
  expect_train_refuses("folder", {"folder: is a folder without folders", "name a file"});
  expect_train_refuses("folder --format tsv", {"folder: is a folder", "expected a file"});
  put_model("model");
  expect_refusal(run("evaluate --model model --data folder"), 1, {"folder: is a folder"});
  expect_refusal(run("predict --model model folder"), 1, {"folder: is a folder"});
}

TEST_F(BadData, EmptyFile) {
  write("empty.tsv", "");
  write("blank.tsv", "\n  \r\n\n");
  expect_train_refuses("empty.tsv", {"empty.tsv: is empty", "label<TAB>text"});
  expect_train_refuses("blank.tsv", {"blank.tsv", "only blank lines", "label<TAB>text"});
  put_model("model");
  expect_refusal(run("evaluate --model model --data empty.tsv"), 1, {"empty.tsv: is empty"});
}

TEST_F(BadData, LineWithoutTab) {
  write("a.tsv", "pos\tgood\n\nneg bad\npos\tfine\n");
  expect_train_refuses("a.tsv", {"a.tsv:3: ", "label<TAB>text", "\"neg bad\"", "tab"});
  write("b.tsv", "pos\tgood\n\tbad\n");
  expect_train_refuses("b.tsv", {"b.tsv:2: ", "empty label"});
}

TEST_F(BadData, BinaryFileGivesAShortMessage) {
  write("zeros.tsv", std::string(100'000, '\0'));
  write("escape.tsv", "\x1b[2J\x07" + std::string(5'000, 'x'));
  for (const char* name : {"zeros.tsv", "escape.tsv"}) {
    const Outcome outcome = run(std::string("train --quiet --model m --train ") + name);
    expect_refusal(outcome, 1, {std::string(name) + ":1: "});
    EXPECT_LT(outcome.err.size(), 400u);
    EXPECT_EQ(outcome.err.find_first_of(std::string("\x1b\x07\0", 3)), std::string::npos);
  }
}

TEST_F(BadData, OneClassOnly) {
  write("one.tsv", "pos\tgood\npos\tfine\npos\tgreat\n");
  expect_train_refuses("one.tsv", {"one.tsv", "\"pos\"", "at least two classes", "add texts"});
}

TEST_F(BadData, OneTextInAClass) {
  write("few.tsv", "pos\tgood\nneg\tbad\npos\tfine\n");
  expect_train_refuses("few.tsv", {"few.tsv:2: ", "\"neg\"", "at least two", "add texts"});
}

TEST_F(BadData, NothingTellsTheClassesApart) {
  write("same.tsv", "pos\ta b c\nneg\ta b c\npos\ta b c\nneg\ta b c\npos\ta b c\nneg\ta b c\n");
  expect_refusal(run("train --quiet --train same.tsv --model m"), 1, {"same.tsv", "more texts"});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "m/config.json"));
}

TEST_F(BadData, UnknownLabel) {
  put_model("model");
  write("test.tsv", "pos\tgood\nneg\tbad\nzip\tbad\n");
  const std::vector<std::string> parts{"test.tsv:3: ", "\"zip\"", "\"neg\", \"pos\"", "correct"};
  expect_refusal(run("evaluate --model model --data test.tsv"), 1, parts);
  write("train.tsv", make_corpus(20));
  expect_refusal(run("train --quiet --train train.tsv --valid test.tsv --model m"), 1, parts);
}

TEST_F(BadData, StandardInputIsNamed) {
  expect_refusal(run("train --quiet --train - --model m", {.input = "no tab\n"}), 1,
                 {"stdin:1: ", "no tab"});
  expect_refusal(run("train --quiet --train - --model m"), 1, {"stdin: is empty"});
  put_model("model");
  expect_refusal(run("evaluate --model model --data -", {.input = "zip\ta\n"}), 1, {"stdin:1: "});
  expect_refusal(run("predict --model model", {.input_closed = true}), 1, {"stdin", "cannot be"});
}

}  // namespace
}  // namespace ockham
