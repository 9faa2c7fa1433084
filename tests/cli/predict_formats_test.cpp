#include "tests/cli/cli_test.hpp"

// One answer for each record, in every format that training reads.

namespace ockham {
namespace {

class PredictFormats : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    put_model("m");
    expected_ = predict("-", {.input = "good great film\nawful\ndull, bad\n"});
  }

  std::string predict(const std::string& arguments, const Surroundings& surroundings = {}) const {
    const Outcome outcome = run_well("predict --model m " + arguments, surroundings);
    EXPECT_EQ(outcome.err, "");
    return outcome.out;
  }

  std::string expected_;
};

TEST_F(PredictFormats, AreToldByTheName) {
  write("a.csv", "id,text\n1,\"good great\nfilm\"\n2,awful\n3,\"dull, bad\"\n");
  write("a.jsonl",
        "{\"text\":\"good great film\"}\n{\"text\":\"awful\",\"label\":1}\n"
        "{\"text\":\"dull, bad\"}\n");
  write("a.ft", "__label__pos good great film\nawful\n__label__neg dull, bad\n");
  ASSERT_EQ(shell("cp a.jsonl a.ndjson; cp a.jsonl a.json; gzip -k a.csv; zstd -q a.jsonl").code,
            0);
  for (const char* name :
       {"a.csv", "a.jsonl", "a.ndjson", "a.json", "a.ft", "a.csv.gz", "a.jsonl.zst"}) {
    EXPECT_EQ(predict(name), expected_) << name;
  }
  EXPECT_EQ(predict("a.csv a.jsonl"), expected_ + expected_);
}

TEST_F(PredictFormats, AreNamedByTheOption) {
  write("rows", "good great film|x\nawful|y\ndull, bad|z\n");
  EXPECT_EQ(predict("--format csv --no-header --delimiter | --text-column 1 rows"), expected_);
  write("parts.csv", "label,b,a\npos,great film,good\nneg,,awful\nneg,bad,\"dull,\"\n");
  EXPECT_EQ(predict("--text-column a,b parts.csv"), expected_);
  const std::string nested =
      "{\"d\":{\"t\":\"good great film\"}}\n{\"d\":{\"t\":\"awful\"}}\n"
      "{\"d\":{\"t\":\"dull, bad\"}}\n";
  EXPECT_EQ(predict("--format jsonl --text-column d.t -", {.input = nested}), expected_);
  EXPECT_EQ(predict("--format fasttext", {.input = "good great film\nawful\n__label__x dull, bad"}),
            expected_);
  const std::string tsv = "pos\tgood great film\nneg\tawful\nneg\tdull, bad\n";
  EXPECT_EQ(predict("--format tsv", {.input = tsv}), expected_);
  ASSERT_EQ(shell("mkdir texts; echo good great film >texts/1.txt; echo awful >texts/2.txt;"
                  "echo dull, bad >texts/3.txt")
                .code,
            0);
  EXPECT_EQ(predict("texts"), expected_);
  EXPECT_EQ(predict("--format folder texts"), expected_);
}

TEST_F(PredictFormats, LinesAreTheRest) {
  for (const char* name : {"a.txt", "a.tsv", "a.csv"}) {
    write(name, "good great film\nawful\ndull, bad\n");
  }
  EXPECT_EQ(predict("a.txt"), expected_);
  EXPECT_EQ(predict("--format lines a.csv a.tsv"), expected_ + expected_);
}

TEST_F(PredictFormats, LinesWhoseNameSpeaksOfLabelsAreNoted) {
  write("a.tsv", "good great film\nawful\ndull, bad\n");
  ASSERT_EQ(shell("gzip -k a.tsv && zstd -q a.tsv -o a.tsv.zstd").code, 0);
  for (const std::string name : {"a.tsv", "a.tsv.gz", "a.tsv.zstd"}) {
    const Outcome outcome = run_well("predict --model m " + name);
    EXPECT_EQ(outcome.out, expected_);
    EXPECT_EQ(outcome.err,
              name + ": each line was taken for a text; --format tsv if labels come first\n");
  }
  ASSERT_EQ(shell("mkdir b.tsv && cp a.tsv b.tsv/1.txt").code, 0);
  EXPECT_EQ(run_well("predict --model m b.tsv").err, "");
  EXPECT_EQ(run("predict --model m c.tsv").err.find("taken for"), std::string::npos);
}

TEST_F(PredictFormats, ABrokenRecordStopsBehindTheAnswersBeforeIt) {
  write("a.csv", "text,id\ngood great film,1\nawful,2\n\"dull, bad\",3\n4\nfine,5\n");
  const Outcome outcome = run("predict --model m a.csv");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out, expected_);
  EXPECT_TRUE(outcome.err.starts_with("ockham: a.csv:5: found 1 field, expected 2")) << outcome.err;
}

TEST_F(PredictFormats, WhatCannotBeReadIsRefused) {
  write("a.csv", "label,txt\nx,good\n");
  expect_refusal(
      run("predict --model m a.csv"), 1,
      {"a.csv:1: the header has no column \"text\"", "did you mean \"txt\"?", "--text-column"});
  expect_refusal(run("predict --model m --format jsonl", {.input = "{\"id\":1}\n"}), 1,
                 {"stdin:1: the object has no \"text\""});
  expect_refusal(run("predict --model m --text-column t", {.input = "good\n"}), 2,
                 {"--text-column: stdin is read as plain lines", "--format csv"});
  expect_refusal(run("predict --model m --format xml a.csv"), 2,
                 {"--format xml", "one of auto, lines, tsv"});
  expect_refusal(run("predict --model m", {.input = std::string("\xFF\xFEg\0\n\0", 6)}), 1,
                 {"stdin:1: the file is UTF-16", "iconv"});
}

TEST_F(PredictFormats, SkippedLinesAreCounted) {
  const Outcome outcome =
      run_well("predict --model m --format csv", {.input = "text\n\ngood great film\n"});
  EXPECT_EQ(lines_of(outcome.out).size(), 1u);
  EXPECT_EQ(outcome.err, "stdin: 1 blank line skipped, which has no answer\n");
}

TEST_F(PredictFormats, JoinedFilesMayHaveByteOrderMarks) {
  const std::string line = "\xEF\xBB\xBF{\"text\": \"good great film\", \"n\": 1}\n";
  for (const std::string style : {"", " --jsonl"}) {
    const Outcome outcome =
        run_well("predict --model m --format jsonl" + style, {.input = line + line});
    const std::vector<std::string> answers = lines_of(outcome.out);
    ASSERT_EQ(answers.size(), 2u) << style;
    EXPECT_EQ(answers[0], answers[1]);
  }
}

TEST_F(PredictFormats, ABlankLineIsAnsweredAsAnEmptyText) {
  const std::string nothing = run_well("predict --model m", {.input = "\n"}).out;
  const std::pair<std::string, std::string> inputs[] = {
      {"jsonl", "\n{\"text\": \"good great film\"}\n \t\n"},
      {"fasttext", "\n__label__pos good great film\n\n"},
      {"tsv", "\npos\tgood great film\n  \n"}};
  for (const auto& [format, input] : inputs) {
    const Outcome outcome = run_well("predict --model m --format " + format, {.input = input});
    const std::vector<std::string> answers = lines_of(outcome.out);
    ASSERT_EQ(answers.size(), 3u) << format;
    EXPECT_EQ(answers[0] + "\n", nothing) << format;
    EXPECT_EQ(answers[2], answers[0]) << format;
    EXPECT_NE(answers[1], answers[0]) << format;
    EXPECT_EQ(outcome.err, "") << format;
  }
  const Outcome json = run_well("predict --model m --format jsonl --jsonl",
                                {.input = "\n{\"text\":\"\",\"n\":1}\n"});
  ASSERT_EQ(lines_of(json.out).size(), 2u);
  EXPECT_EQ(lines_of(json.out)[0].find("\"n\""), std::string::npos) << json.out;
  EXPECT_NE(lines_of(json.out)[1].find("\"n\""), std::string::npos) << json.out;
}

// What is kept does not grow with the number of records.
TEST_F(PredictFormats, MemoryDoesNotGrowWithTheRecords) {
  const auto outcome = shell(
      "(echo text; yes '\"good great, film\"' | head -n 3000000) |"
      " (ulimit -v 150000; ockham predict --threads 1 --model m --format csv) | wc -l");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "3000000\n") << outcome.err;
}

}  // namespace
}  // namespace ockham
