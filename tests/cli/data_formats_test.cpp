#include "tests/cli/cli_test.hpp"

// Every format gives the same training; what cannot be read is refused in one line.

namespace ockham {
namespace {

class DataFormats : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    corpus_ = without_labels(make_corpus(200));
    texts_ = lines_of(corpus_.texts);
    write("train.tsv", make_corpus(200));
  }

  std::string csv() const {
    std::string bytes = "id,\"text\",label\r\n";
    for (size_t i = 0; i < texts_.size(); ++i) {
      bytes += std::to_string(i) + ",\"" + texts_[i] + "\"," + corpus_.labels[i] + "\r\n";
    }
    return bytes;
  }
  std::string jsonl(const std::string& more = "") const {
    std::string bytes;
    for (size_t i = 0; i < texts_.size(); ++i) {
      bytes += nlohmann::json{{"text", texts_[i]}, {"label", corpus_.labels[i]}}.dump();
      bytes.insert(bytes.size() - 1, more);
      bytes += "\n";
    }
    return bytes;
  }
  std::string fasttext() const {
    std::string bytes;
    for (size_t i = 0; i < texts_.size(); ++i) {
      bytes += "__label__" + corpus_.labels[i] + " " + texts_[i] + "\n";
    }
    return bytes;
  }
  void put_folder(const std::string& name) const {
    for (size_t i = 0; i < texts_.size(); ++i) {
      const auto folder = folder_ / name / corpus_.labels[i];
      std::filesystem::create_directories(folder);
      write_quickly(folder / (std::to_string(1000 + i) + ".txt"), texts_[i] + "\n");
    }
  }
  /// The tensors of a model trained on that file.
  std::string trained(const std::string& arguments, const Surroundings& surroundings = {}) const {
    run_well("train --model m" + kQuick + " --train " + arguments, surroundings);
    return read("m/model.safetensors");
  }

  Unlabelled corpus_;
  std::vector<std::string> texts_;
};

TEST_F(DataFormats, AllGiveTheSameModel) {
  const std::string expected = trained("train.tsv");
  write("a.csv", csv());
  write("a.jsonl", jsonl());
  write("a.ft", fasttext());
  write("plain", fasttext());
  EXPECT_TRUE(trained("a.csv") == expected);
  EXPECT_TRUE(trained("a.jsonl") == expected);
  EXPECT_TRUE(trained("a.ft") == expected);
  EXPECT_TRUE(trained("plain --format fasttext") == expected);
  EXPECT_TRUE(trained("- --format csv", {.input = csv()}) == expected);
}

TEST_F(DataFormats, CompressedFilesGiveTheSameModel) {
  const std::string expected = trained("train.tsv");
  write("a.csv", csv());
  ASSERT_EQ(shell("gzip -c a.csv > a.csv.gz; gzip -c train.tsv > packed; rm a.csv").code, 0);
  EXPECT_TRUE(trained("a.csv.gz") == expected);
  EXPECT_TRUE(trained("packed") == expected);
  EXPECT_TRUE(trained("-", {.input = read("packed")}) == expected);
}

TEST_F(DataFormats, AFolderHasAClassForEachFolderInIt) {
  put_folder("reviews");
  trained("reviews");
  put_model("model");
  EXPECT_EQ(evaluate("model", "reviews").at("accuracy"),
            evaluate("model", "train.tsv").at("accuracy"));
}

TEST_F(DataFormats, OptionsServeEvaluateAndStandInTheSettings) {
  write("t.data", "x|pos|good\nx|neg|bad\n");
  put_model("model");
  const std::string options =
      " --format csv --no-header --delimiter | --label-column 2 --text-column 3";
  const Outcome outcome = run_well("evaluate --json --model model --data t.data" + options);
  EXPECT_EQ(nlohmann::json::parse(outcome.out).at("count"), 2);
  std::string bars;
  for (size_t i = 0; i < texts_.size(); ++i) bars += corpus_.labels[i] + "|x|" + texts_[i] + "\n";
  write("bars.csv", bars);
  const std::string model = trained("bars.csv --no-header --delimiter | --text-column 3");
  const std::string settings = read("m/settings.ini");
  EXPECT_NE(
      settings.find("\ntext-column = 3\ndelimiter = |\nheader = false\nlabel-separator = ,\n"),
      std::string::npos)
      << settings;
  EXPECT_TRUE(model == trained("train.tsv"));
  write("again.ini", settings);
  run_well("train --config again.ini --model again");
  EXPECT_TRUE(model == read("again/model.safetensors"));
}

TEST_F(DataFormats, WeightsChangeTheModel) {
  write("one.jsonl", jsonl(",\"w\":1"));
  std::string weighted;
  for (const std::string& line : lines_of(read("one.jsonl"))) {
    const char* weight = weighted.size() % 3 == 0 ? "0.5}" : "2}";
    weighted += line.substr(0, line.size() - 2) + weight + "\n";
  }
  write("two.jsonl", weighted);
  const std::string expected = trained("train.tsv");
  EXPECT_TRUE(trained("one.jsonl --weight-column w") == expected);
  EXPECT_FALSE(trained("two.jsonl --weight-column w") == expected);
  EXPECT_TRUE(trained("two.jsonl") == expected);
}

TEST_F(DataFormats, WhatCannotBeReadIsRefused) {
  const auto refuse = [&](const std::string& name, const std::string& bytes,
                          const std::vector<std::string>& parts, const std::string& more = "") {
    write(name, bytes);
    expect_refusal(run("train --quiet --model m --train " + name + more), 1, parts);
    expect_refusal(run("data " + name + more), 1, parts);
  };
  refuse("a.csv", "label,txt\na,b\n", {"a.csv:1: ", "\"text\"", "did you mean \"txt\"?"});
  refuse("b.csv", "label,text\na,b,c\n", {"b.csv:2: found 3 fields, expected 2"});
  refuse("c.csv", "label,text\na,\"b\n", {"c.csv:2: the quote that opens here"});
  refuse("d.csv", "", {"d.csv: is empty"});
  refuse("a.jsonl", "{\"text\":\"a\" \"b\"}", {"a.jsonl:1:15: no JSON object: "});
  refuse("b.jsonl", "{\"text\":\"a\",\"label\":1}\n{\"text\":\"a\",\"label\":[1]}\n",
         {"b.jsonl:2: ", "an array here"});
  refuse("a.ft", "no label\n", {"a.ft:1: ", "__label__NAME"});
  refuse("a.tsv", "__label__x no tab\n", {"a.tsv:1: ", "--format fasttext"});
  refuse("b.tsv", "a\tb\n", {"b.tsv: is read as TSV", "--weight-column"}, " --weight-column w");
  write("whole.tsv", make_corpus(500));
  ASSERT_EQ(shell("gzip -c whole.tsv | head -c 300 > cut.gz").code, 0);
  refuse("all.tar.gz", read("cut.gz"), {"all.tar.gz: is a tar archive; unpack it"});
  refuse("cut.tsv.gz", read("cut.gz"), {"cut.tsv.gz: the gzip data are cut short"});
}

TEST_F(DataFormats, WrongOptionsAreRefused) {
  expect_refusal(run("data"), 2, {"ockham data needs one FILE"});
  expect_refusal(run("data a b"), 2, {"ockham data needs one FILE"});
  expect_refusal(run("data train.tsv --format xml"), 2, {"--format xml", "one of auto, tsv"});
  expect_refusal(run("data train.tsv --delimiter ab"), 2, {"--delimiter ab", "one character"});
  expect_refusal(run("data train.tsv --delimiter \""), 2, {"--delimiter", "one character"});
  put_model("model");
  expect_refusal(run("evaluate --model model --data a --weight-column w"), 2, {"unknown option"});
}

TEST_F(DataFormats, SeveralLabelsAreRefusedWhereOneIsWanted) {
  write("a.ft", "__label__pos good\n__label__pos __label__neg so so\n__label__neg bad\n");
  const std::vector<std::string> parts{"a.ft:2: the text has 2 labels, \"neg\", \"pos\""};
  expect_refusal(run("train --quiet --model m --train a.ft"), 1, parts);
  expect_refusal(run("train --quiet --model m --train train.tsv --valid a.ft"), 1, parts);
  put_model("model");
  expect_refusal(run("evaluate --model model --data a.ft"), 1, parts);
  EXPECT_NE(run_well("data a.ft").out.find("1 text has several labels"), std::string::npos);
}

TEST_F(DataFormats, TrainSaysWhatRepeatsAndLeaks) {
  std::string corpus = make_corpus(200);
  corpus += "pos\t" + texts_[0] + "\n";  // is neg in line 1
  write("twice.tsv", corpus);
  write("valid.tsv", "pos\t" + texts_[1] + "\nneg\tnew\n");
  const Outcome outcome = run_well(
      "train --model m --epochs 1 --points 1 --dense-steps 5 --train twice.tsv --valid valid.tsv");
  EXPECT_NE(outcome.err.find("twice.tsv: 1 text repeats an earlier one (twice.tsv:201 is "
                             "twice.tsv:1); 2 texts stand there with different labels"),
            std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("valid.tsv: 1 text stands in twice.tsv too (valid.tsv:1 is "
                             "twice.tsv:2); what is measured on them flatters"),
            std::string::npos)
      << outcome.err;
}

TEST_F(DataFormats, DataSaysWhatIsInAFile) {
  write("odd.tsv", std::string("pos\tgood\n\nneg\t\npos\tпример\nneg\tb\xFFx\npos\tgood\n"));
  const Outcome outcome = run_well("data odd.tsv --against train.tsv");
  EXPECT_EQ(outcome.err, "");
  for (const std::string part :
       {"odd.tsv: 5 texts", "pos            3   60.00%", "0 to 3, median 1", "Cyrillic 37.50%",
        "1 blank line was skipped", "1 invalid UTF-8 sequence was replaced",
        "1 text without a word: odd.tsv:3", "odd.tsv: 1 text repeats",
        "no text stands in train.tsv"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
  }
  const auto answer = nlohmann::json::parse(run_well("data odd.tsv --json --against odd.tsv").out);
  EXPECT_EQ(answer.at("texts"), 5);
  EXPECT_EQ(answer.at("labels"), nlohmann::json({{"neg", 2}, {"pos", 3}}));
  EXPECT_EQ(answer.at("repeated"), 1);
  EXPECT_EQ(answer.at("repeated_example"), nlohmann::json({"odd.tsv:1", "odd.tsv:6"}));
  EXPECT_EQ(answer.at("conflicting"), 0);
  EXPECT_EQ(answer.at("leaked"), 5);
  EXPECT_EQ(answer.at("odd").at("empty").at("count"), 1);
  EXPECT_EQ(answer.at("lengths").at("bins"), nlohmann::json({1, 3, 1}));
}

TEST_F(DataFormats, SubwordsAreRecommendedWhereWordsHaveNoSpaces) {
  write("thai.tsv",
        "pos\t\xE0\xB8\x94\xE0\xB8\xB5\xE0\xB8\xA1\xE0\xB8\xB2\xE0\xB8\x81\nneg\tabc\n");
  EXPECT_NE(run_well("data thai.tsv").out.find("--tokenizer sentencepiece"), std::string::npos);
  write("han.tsv", "pos\t\xE5\xA5\xBD\xE7\x9C\x8B\nneg\tabc\n");  // each is a token already
  for (const std::string plain : {"train.tsv", "han.tsv"}) {
    EXPECT_EQ(run_well("data " + plain).out.find("--tokenizer"), std::string::npos) << plain;
  }
  const auto tokenizer = [&](const std::string& file) {
    return nlohmann::json::parse(run_well("data --json " + file).out).at("tokenizer");
  };
  EXPECT_EQ(tokenizer("thai.tsv"), "sentencepiece");
  EXPECT_EQ(tokenizer("train.tsv"), "word");
  EXPECT_EQ(tokenizer("han.tsv"), "word");
}

}  // namespace
}  // namespace ockham
