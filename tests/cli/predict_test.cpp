#include <regex>

#include "tests/cli/cli_test.hpp"

// Exactly one line out for each line in, whatever the lines hold.

namespace ockham {
namespace {

using nlohmann::json;

class Predict : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    put_model("m");
  }

  std::vector<std::string> predict(const std::string& input) const {
    return lines_of(run_well("predict --model m", {.input = input}).out);
  }
};

TEST_F(Predict, OneLineForEachLine) {
  const std::regex line(R"((neg|pos)\t(0\.\d{6}|1\.000000))");
  const std::string nul("good\0bad", 8);
  const std::vector<std::string> texts{"good film", "",         " ",
                                       "\t",        nul,        "\xff\xfe bad",
                                       "\xc3",      "bad\rbad", std::string(300'000, 'x'),
                                       "dull"};
  std::string input;
  for (const std::string& text : texts) input += text + "\n";
  const auto lines = predict(input);
  ASSERT_EQ(lines.size(), texts.size());
  for (const std::string& answer : lines) EXPECT_TRUE(std::regex_match(answer, line)) << answer;
  EXPECT_EQ(lines[1], lines[2]) << "two texts without words";
  input.pop_back();
  EXPECT_EQ(predict(input), lines) << "no final newline";
  EXPECT_EQ(predict("\xef\xbb\xbf" + input), lines) << "a byte order mark";
  EXPECT_EQ(predict(input + "\n\n").size(), texts.size() + 1) << "a blank line at the end";
}

TEST_F(Predict, LineEndsChangeNothing) {
  EXPECT_EQ(predict("good film\r\nawful\r\n\r\n"), predict("good film\nawful\n\n"));
}

TEST_F(Predict, EmptyInputGivesNothing) {
  EXPECT_TRUE(predict("").empty());
  EXPECT_EQ(predict("\n").size(), 1u);
}

TEST_F(Predict, InvalidUtf8IsCountedOnStderr) {
  const Outcome outcome = run_well("predict --model m", {.input = "a\xff z\n\xfe\n"});
  EXPECT_EQ(lines_of(outcome.out).size(), 2u);
  EXPECT_NE(outcome.err.find("2 invalid UTF-8"), std::string::npos) << outcome.err;
  EXPECT_EQ(run_well("predict --model m", {.input = "caf\xc3\xa9\n"}).err, "");
}

TEST_F(Predict, SeveralLabelsAbstentionAndTheText) {
  const std::string input = "good great\tfilm\n\n";
  const auto plain = predict(input);
  const auto all = lines_of(run_well("predict --model m --all --copy", {.input = input}).out);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(
      std::regex_match(all[0], std::regex(R"(pos\t0\.\d{6}\tneg\t0\.\d{6}\tgood great\tfilm)")))
      << all[0];
  EXPECT_TRUE(all[1].starts_with(plain[1] + "\t")) << all[1];
  EXPECT_TRUE(all[1].ends_with("\t")) << "an empty text";
  EXPECT_EQ(lines_of(run_well("predict --model m --top 1", {.input = input}).out), plain);
  const auto unsure =
      lines_of(run_well("predict --model m --abstain-below 1", {.input = "\n"}).out);
  EXPECT_EQ(unsure.at(0), "-" + plain[1].substr(plain[1].find('\t')));
  const std::string object = R"({"id":7,"text":"awful","label":"x"})";
  const json answer = json::parse(
      run_well("predict --model m --jsonl --format jsonl", {.input = object + "\n"}).out);
  EXPECT_EQ(answer.at("id"), 7);
  EXPECT_EQ(answer.at("label"), "neg");
  EXPECT_FALSE(answer.contains("text"));
}

TEST_F(Predict, ContradictionsAreUsageErrors) {
  for (const char* options : {"--all --top 2", "--top 0", "--abstain-below 1.1"}) {
    EXPECT_EQ(run(std::string("predict --model m ") + options, {.input = "a\n"}).code, 2)
        << options;
  }
}

/// A line that is copied is held whole, however long it is.
TEST_F(Predict, CopiesALongLine) {
  const std::string line = "good " + std::string(1'000'000, 'x');
  const std::string out = run_well("predict --model m --copy", {.input = line + "\nbad\n"}).out;
  EXPECT_NE(out.find("\t" + line + "\n"), std::string::npos);
  EXPECT_EQ(lines_of(out).size(), 2u);
}

TEST_F(Predict, FilesInOrder) {
  write("a.txt", "good great\nawful");
  write("b.txt", "superb\n");
  const auto lines = predict("good great\nawful\nsuperb\n");
  EXPECT_EQ(lines_of(run_well("predict --model m a.txt b.txt").out), lines);
  EXPECT_EQ(lines_of(run_well("predict --model m a.txt -", {.input = "superb"}).out), lines);
  EXPECT_EQ(lines_of(run_well("predict a.txt --model m b.txt --threads 1").out), lines);
}

TEST_F(Predict, JsonLines) {
  const std::string input("good\n\n\xff\"quoted\"\ndull\n");
  const Outcome outcome = run_well("predict --jsonl --model m", {.input = input});
  const auto lines = lines_of(outcome.out), plain = predict(input);
  ASSERT_EQ(lines.size(), plain.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    const json answer = json::parse(lines[i]);
    const auto label = answer.at("label").get<std::string>();
    const auto& probabilities = answer.at("probabilities");
    EXPECT_EQ(plain[i].substr(0, plain[i].find('\t')), label);
    EXPECT_EQ(probabilities.at(label), answer.at("probability"));
    EXPECT_NEAR(probabilities.at("neg").get<double>() + probabilities.at("pos").get<double>(), 1.0,
                2e-6);
  }
}

TEST_F(Predict, ThreadsAndModelFormsAgree) {
  run_well("compress --model m --output m.ockham --weights fp32");
  const std::string input = without_labels(make_corpus(3'000, 5)).texts;
  const Outcome one = run_well("predict --model m --threads 1", {.input = input});
  EXPECT_EQ(run_well("predict --model m --threads 3", {.input = input}).out, one.out);
  // More than there are processors would only wait for each other.
  const Outcome many = run_well("predict --model m --threads 1024", {.input = input});
  EXPECT_EQ(many.out, one.out);
  EXPECT_NE(many.err.find("--threads 1024: "), std::string::npos) << many.err;
  EXPECT_EQ(run_well("predict --model m.ockham --threads 2", {.input = input}).out, one.out);
}

// A program that asks and waits for the answer must get it.
TEST_F(Predict, AnswersBeforeTheInputEnds) {
  const Outcome outcome = shell(
      "mkfifo answers && (echo good; head -n 1 answers >first) |"
      " ockham predict --model m >answers");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(lines_of(read("first")), predict("good\n"));
}

TEST_F(Predict, NeverReadsItsOwnAnswers) {
  const std::string texts = "good film\nbad film\n";
  for (const char* command :
       {"ockham predict --model m texts >>texts", "ockham predict --model m <texts >>texts",
        "ockham predict --model m other texts >>texts"}) {
    write("texts", texts);
    write("other", texts);
    expect_refusal(shell(command), 1, {"standard output goes too", "elsewhere"});
    EXPECT_EQ(read("texts"), texts) << command;
  }
  const Outcome to_other = shell("ockham predict --model m texts >>other");
  EXPECT_EQ(to_other.code, 0) << to_other.err;
}

TEST_F(Predict, ReadsCompressedTexts) {
  write("texts", "good\nbad\n");
  ASSERT_EQ(shell("gzip -k texts && zstd -q -k texts").code, 0);
  const std::string expected = run_well("predict --model m texts").out;
  EXPECT_EQ(run_well("predict --model m texts.gz").out, expected);
  EXPECT_EQ(run_well("predict --model m texts.zst").out, expected);
}

}  // namespace
}  // namespace ockham
