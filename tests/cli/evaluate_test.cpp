#include "tests/cli/cli_test.hpp"

// What evaluate says beside the figures that tests/train checks.

namespace ockham {
namespace {

using nlohmann::json;

class EvaluateTest : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    put_model("m");
    write("test.tsv", make_corpus(200, 2));
  }
};

TEST_F(EvaluateTest, SaysAllInJson) {
  const json all = evaluate("m", "test.tsv");
  for (const char* key :
       {"count", "accuracy", "accuracy_low", "accuracy_high", "macro_f1", "micro_f1", "nll",
        "brier", "ece", "ece_equal_mass", "aurc", "roc_auc", "average_precision"}) {
    EXPECT_TRUE(all.at(key).is_number()) << key;
  }
  EXPECT_GT(all.at("roc_auc"), 0.9);
  EXPECT_GT(
      json::parse(run_well("evaluate --json --model m --data test.tsv").out).at("texts_per_second"),
      0);
  size_t count = 0;
  for (const json& bin : all.at("reliability")) count += bin.at("count").get<size_t>();
  EXPECT_EQ(count, 200u);
  const json& surest = all.at("risk_coverage").at("probability");
  EXPECT_EQ(surest.at("aurc"), all.at("aurc"));
  EXPECT_GE(surest.at("accuracy_at").at("80"), surest.at("accuracy_at").at("99"));
  EXPECT_FALSE(all.at("risk_coverage").contains("mutual_information"));
  EXPECT_FALSE(all.contains("errors"));
}

TEST_F(EvaluateTest, FitsATerminal) {
  const Outcome outcome = run_well("evaluate --model m --data test.tsv --errors 2 --samples 3");
  for (const std::string& line : lines_of(outcome.out)) EXPECT_LE(line.size(), 80u) << line;
  for (const char* part : {"ROC AUC", "accuracy of the surest", "by probability",
                           "by mutual information", "a second)"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part;
  }
}

/// As many columns as the confusion table has at most, of names that are longer than its columns.
TEST_F(EvaluateTest, FitsATerminalWithManyLabels) {
  for (const int labels : {7, 8}) {
    std::string texts;
    for (int i = 0; i < 20 * labels; ++i) {
      const std::string number = std::to_string(i % labels);
      texts += "a label of long name, number " + number + "\tword" + number + " and others\n";
    }
    write("labels.tsv", texts);
    run_well("train --train labels.tsv --model labels" + kQuick);
    const std::string shown = run_well("evaluate --model labels --data labels.tsv").out;
    size_t widest = 0;
    for (const std::string& line : lines_of(shown)) widest = std::max(widest, line.size());
    EXPECT_LE(widest, 80u) << shown;
    const size_t table = shown.find("true \\ given");
    EXPECT_EQ(table != std::string::npos, labels == 7) << shown;
    for (int i = 0; i < labels; ++i) {
      const std::string end = "~mber " + std::to_string(i);  // what the columns have room for
      EXPECT_EQ(shown.find(end) != std::string::npos, labels == 7) << shown;
    }
  }
}

TEST_F(EvaluateTest, DrawsTellWhatTheModelDoesNotKnow) {
  const json drawn =
      json::parse(run_well("evaluate --json --model m --data test.tsv --samples 4").out);
  for (const char* by : {"probability", "entropy", "mutual_information"}) {
    EXPECT_TRUE(drawn.at("risk_coverage").at(by).at("aurc").is_number()) << by;
  }
}

TEST_F(EvaluateTest, ShowsTheSurestErrors) {
  // Texts whose labels are turned are errors, all of them.
  std::string turned;
  for (const std::string& line : lines_of(make_corpus(40, 2))) {
    turned += (line.starts_with("pos") ? "neg" : "pos") + line.substr(line.find('\t')) + "\n";
  }
  write("turned.tsv", turned);
  const json all =
      json::parse(run_well("evaluate --json --model m --data turned.tsv --errors 3").out);
  const json& errors = all.at("errors");
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_GE(errors[0].at("count"), errors[1].at("count"));
  size_t count = 0;
  for (const json& confusion : errors) {
    count += confusion.at("count").get<size_t>();
    EXPECT_NE(confusion.at("label"), confusion.at("given"));
    ASSERT_EQ(confusion.at("texts").size(), 3u);
    EXPECT_GE(confusion.at("texts")[0].at("probability"),
              confusion.at("texts")[2].at("probability"));
    EXPECT_EQ(confusion.at("texts")[0].at("where").get<std::string>().find("turned.tsv:"), 0u);
  }
  EXPECT_EQ(count, 40 - static_cast<size_t>(std::lround(40 * all.at("accuracy").get<double>())));
  const Outcome people = run_well("evaluate --model m --data turned.tsv --errors 1");
  EXPECT_NE(people.out.find("taken for"), std::string::npos) << people.out;
}

TEST_F(EvaluateTest, WritesALineForEachText) {
  run_well("evaluate --model m --data test.tsv --predictions p.tsv");
  const std::vector<std::string> lines = lines_of(read("p.tsv"));
  ASSERT_EQ(lines.size(), 201u);
  EXPECT_EQ(lines[0], "text\tlabel\tgiven\tp(neg)\tp(pos)");
  size_t right = 0;
  for (size_t i = 1; i < lines.size(); ++i) {
    std::istringstream fields(lines[i]);
    std::string where, label, given;
    double neg = 0, pos = 0;
    std::getline(fields, where, '\t');
    std::getline(fields, label, '\t');
    std::getline(fields, given, '\t');
    fields >> neg >> pos;
    EXPECT_EQ(where, "test.tsv:" + std::to_string(i));
    EXPECT_NEAR(neg + pos, 1.0, 1e-6);
    EXPECT_EQ(given, pos > neg ? "pos" : "neg");
    right += label == given;
  }
  EXPECT_DOUBLE_EQ(static_cast<double>(right) / 200, evaluate("m", "test.tsv").at("accuracy"));
  const std::string texts = read("test.tsv");
  expect_refusal(run("evaluate --model m --data test.tsv --predictions ./test.tsv"), 1,
                 {"./test.tsv: is read as well", "--predictions"});
  expect_refusal(run("evaluate --model m --data test.tsv --predictions m/p.tsv"), 1, {"m/p.tsv"});
  EXPECT_EQ(read("test.tsv"), texts);
  const Outcome both = run_well("evaluate --model m --data test.tsv --predictions /dev/stdout");
  EXPECT_TRUE(both.out.starts_with(read("p.tsv"))) << both.out.substr(0, 80);
  EXPECT_NE(both.out.find("\naccuracy "), std::string::npos);
  run_well("evaluate --model m --data test.tsv --samples 2 --predictions s.tsv");
  EXPECT_NE(read("s.tsv").find("\tmutual_information\n"), std::string::npos);
}

TEST_F(EvaluateTest, ComparesTwoModels) {
  run_well("compress --model m --output small.ockham --weights int4 --max-bytes 700");
  const json both =
      json::parse(run_well("evaluate --json --model m --compare small.ockham --data test.tsv").out);
  EXPECT_EQ(both.at("models")[0].at("accuracy"), evaluate("m", "test.tsv").at("accuracy"));
  EXPECT_EQ(both.at("models")[1].at("accuracy"),
            evaluate("small.ockham", "test.tsv").at("accuracy"));
  EXPECT_EQ(both.at("models")[1].at("bytes"), read("small.ockham").size());
  size_t texts = 0;
  for (const char* key : {"both_right", "only_first_right", "only_second_right", "neither_right"}) {
    texts += both.at(key).get<size_t>();
  }
  EXPECT_EQ(texts, 200u);
  EXPECT_LE(both.at("mcnemar_p"), 1.0);
  const json same =
      json::parse(run_well("evaluate --json --model m --compare m --data test.tsv").out);
  EXPECT_EQ(same.at("agreement"), 1.0);
  EXPECT_EQ(same.at("mcnemar_p"), 1.0);
  EXPECT_NE(
      run_well("evaluate --model m --compare small.ockham --data test.tsv").out.find("McNemar"),
      std::string::npos);
  write("others.tsv", "a\tx y\na\tx z\nb\tv w\nb\tv u\na\tx y\nb\tv t\n");
  run_well("train --train others.tsv --model o" + kQuick);
  expect_refusal(run("evaluate --model m --compare o --data none.tsv"), 1,
                 {"m knows the labels", "o knows", "same ones"});
  expect_refusal(run("evaluate --model m --compare n --data none.tsv"), 1, {"n", "no such model"});
  expect_refusal(run("evaluate --model m --compare m --data test.tsv --errors 2"), 2,
                 {"--compare"});
  expect_refusal(run("evaluate --model m --compare m --data -", {.input = "pos\ta\n"}), 2,
                 {"--compare", "standard input"});
}

TEST_F(EvaluateTest, WhatCannotBeSaidIsADash) {
  write("one.tsv", "pos\tgood\npos\tawful\n");
  const std::string text = run_well("evaluate --model m --data one.tsv").out;
  const std::vector<std::string> lines = lines_of(text);
  const auto row = std::ranges::find_if(lines, [](const std::string& line) {
    return line.starts_with("neg ") && line.back() == '-';
  });
  ASSERT_NE(row, lines.end()) << text;
  // Given to one text, and none has it: the recall is 0/0.
  EXPECT_EQ(words_of(*row), words_of("neg 0 0.00% - 0.00% - -")) << text;
}

}  // namespace
}  // namespace ockham
