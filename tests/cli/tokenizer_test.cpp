#include "ockham/text/sentencepiece_file.hpp"
#include "tests/cli/cli_test.hpp"

// Subwords: `ockham tokenizer`, and training with them.

namespace ockham {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Tokenizer : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("train.tsv", make_corpus(300));
    write("test.tsv", make_corpus(100, 2));
  }

  void train(const std::string& model, const std::string& options) const {
    run_well("train --train train.tsv --model " + model + kQuick + " " + options);
  }
  json options_of(const std::string& folder) const {
    json object = json::parse(read(folder + "/tokenizer.json"));
    object.erase("ngrams");
    return object;
  }
};

TEST_F(Tokenizer, LeavesTwoFiles) {
  const std::string options = " --train train.tsv --vocabulary-size 60 --model-type ";
  for (const std::string type : {"unigram", "bpe"}) {
    const Outcome outcome = run_well("tokenizer --output deep/" + type + options + type);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(lines_of(outcome.err).size(), 1u) << outcome.err;
    EXPECT_NE(outcome.err.find("subwords (" + type + ")"), std::string::npos) << outcome.err;
    Files files = files_in("deep/" + type);
    EXPECT_EQ(files.size(), 2u);
    EXPECT_EQ(json::parse(files.at("tokenizer.json")).at("type"), "sentencepiece");
    EXPECT_GT(files.at("tokenizer.model").size(), 500u);
    // The same again, over the old one.
    run_well("tokenizer --output deep/" + type + options + type);
    EXPECT_EQ(files_in("deep/" + type), files);
  }
  EXPECT_NE(read("deep/unigram/tokenizer.model"), read("deep/bpe/tokenizer.model"));
}

TEST_F(Tokenizer, TakesPlainLinesAndStandardInput) {
  write("plain.txt", without_labels(read("train.tsv")).texts);
  const std::string options = " --vocabulary-size 60 --output ";
  run_well("tokenizer --train train.tsv" + options + "labelled");
  run_well("tokenizer --plain --train plain.txt" + options + "plain");
  run_well("tokenizer --train -" + options + "pipe", {.input = read("train.tsv")});
  EXPECT_EQ(files_in("plain"), files_in("labelled"));
  EXPECT_EQ(files_in("pipe"), files_in("labelled"));
}

TEST_F(Tokenizer, ReadsCompressedFiles) {
  write("plain.txt", without_labels(read("train.tsv")).texts);
  ASSERT_EQ(shell("gzip -k plain.txt; zstd -q plain.txt").code, 0);
  const std::string options = " --plain --vocabulary-size 60 --output ";
  run_well("tokenizer --train plain.txt" + options + "plain");
  for (const std::string name : {"plain.txt.gz", "plain.txt.zst"}) {
    run_well("tokenizer --train " + name + options + name + "-made");
    EXPECT_EQ(files_in(name + "-made"), files_in("plain")) << name;
  }
  run_well("tokenizer --train -" + options + "pipe", {.input = read("plain.txt.gz")});
  EXPECT_EQ(files_in("pipe"), files_in("plain"));
}

TEST_F(Tokenizer, NeedsNoLabels) {
  std::string records, words;
  for (const std::string& text : lines_of(without_labels(read("train.tsv")).texts)) {
    records += nlohmann::json{{"text", text}}.dump() + "\n";
    words += text + "\n";
  }
  write("a.jsonl", records);
  write("a.ft", words);
  const std::string options = " --vocabulary-size 60 --output ";
  run_well("tokenizer --train train.tsv" + options + "labelled");
  for (const std::string name : {"a.jsonl", "a.ft"}) {
    run_well("tokenizer --train " + name + options + name + "-made");
    EXPECT_EQ(files_in(name + "-made"), files_in("labelled")) << name;
  }
  for (const std::string option : {"--label-column x", "--label-separator ;"}) {
    expect_refusal(run("tokenizer --train train.tsv --output t " + option), 2, {"unknown option"});
  }
}

TEST_F(Tokenizer, LeavesLargeTextsOnTheDisk) {
  std::string text;
  while (text.size() < 100'000) text += "good great film ";
  write("text", text);
  // 100 MB of text with 60 MB of memory, of which threads get little stacks.
  const Outcome outcome = shell(
      "yes \"$(cat text)\" | head -n 1000 | (ulimit -d 60000; ulimit -s 1024; ockham tokenizer"
      " --plain --train - --tokenizer-sample 20000 --vocabulary-size 20 --output t)");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST_F(Tokenizer, TooLargeAVocabularyIsMadeAsLargeAsCanBe) {
  for (const std::string type : {"unigram", "bpe"}) {
    const auto learn = [&](const std::string& size) {
      const Outcome outcome = run_well("tokenizer --train train.tsv --output t --model-type " +
                                       type + " --vocabulary-size " + size);
      const size_t pieces = read_sentencepiece(read("t/tokenizer.model"), "t").pieces().size();
      EXPECT_EQ(outcome.err, "t: " + std::to_string(pieces) + " subwords (" + type + ")\n");
      return pieces;
    };
    const size_t most = learn("1000000");
    EXPECT_LT(most, 1000u) << type;
    EXPECT_EQ(most, learn("5000")) << type;
    EXPECT_LT(learn(std::to_string(most - 5)), most) << type;
  }
}

TEST_F(Tokenizer, TrainsAClassifierEndToEnd) {
  for (const std::string type : {"unigram", "bpe"}) {
    train("m", "--tokenizer sentencepiece --vocabulary-size 80 --model-type " + type);
    EXPECT_EQ(options_of("m").at("type"), "sentencepiece");
    EXPECT_TRUE(fs::exists(folder_ / "m/path/00/tokenizer.model"));
    const json of_folder = evaluate("m", "test.tsv");
    EXPECT_GT(of_folder.at("accuracy").get<double>(), 0.8);

    run_well("compress --model m --output m.ockham --weights fp32");
    fs::create_directories(folder_ / "elsewhere");
    fs::rename(folder_ / "m.ockham", folder_ / "elsewhere/m.ockham");
    const std::string texts = without_labels(read("test.tsv")).texts + "\n\xFF \u2581 12\n";
    const Outcome folder = run_well("predict --model m", {.input = texts});
    const Outcome file = run_well("predict --model elsewhere/m.ockham", {.input = texts});
    EXPECT_EQ(lines_of(file.out).size(), lines_of(folder.out).size());
    EXPECT_EQ(file.out, folder.out);

    const json figures = report("elsewhere/m.ockham");
    EXPECT_GT(figures.at("bytes_tokenizer").get<size_t>(), 60u);
    EXPECT_EQ(
        figures.at("bytes_tokenizer").get<size_t>() + figures.at("bytes_vocabulary").get<size_t>() +
            figures.at("bytes_weights").get<size_t>() + figures.at("bytes_rest").get<size_t>(),
        fs::file_size(folder_ / "elsewhere/m.ockham"));
    // The path's bytes are those of whole files.
    const json path = report("m").at("path");
    EXPECT_EQ(path.at("points").at(path.at("chosen").get<size_t>()).at("bytes"),
              report("m").at("bytes_file"));
    EXPECT_NE(run_well("report --model m").out.find("tokenizer "), std::string::npos);
    fs::remove_all(folder_ / "m");
  }
}

TEST_F(Tokenizer, OneMadeBeforeGivesTheSameModel) {
  const std::string options = "--vocabulary-size 70 --no-lower-case --fold-numbers";
  run_well("tokenizer --train train.tsv --output t " + options);
  write("valid.tsv", make_corpus(60, 3));
  train("fresh", "--valid valid.tsv --tokenizer sentencepiece " + options);
  train("made", "--valid valid.tsv --tokenizer t");
  EXPECT_EQ(read("fresh/tokenizer.model"), read("t/tokenizer.model"));
  EXPECT_EQ(read("made/tokenizer.json"), read("fresh/tokenizer.json"));
  EXPECT_EQ(read("made/model.safetensors"), read("fresh/model.safetensors"));
  train("again", "--valid valid.tsv --tokenizer made");  // a model's folder has one too
  EXPECT_EQ(read("again/tokenizer.json"), read("made/tokenizer.json"));
  for (const char* option : {"--no-punctuation", "--normalization nfkc", "--fold-numbers"}) {
    const Outcome refused =
        run(std::string("train --train train.tsv --model no --tokenizer t ") + option);
    EXPECT_EQ(refused.code, 2);
    EXPECT_NE(refused.err.find("how `ockham tokenizer` made t"), std::string::npos) << refused.err;
  }
}

TEST_F(Tokenizer, TextOptionsReachEveryCommand) {
  const std::string options =
      "--no-lower-case --normalization nfkc --no-punctuation --fold-numbers --no-length-token";
  train("m", options);
  EXPECT_EQ(options_of("m"), json({{"type", "word"},
                                   {"lower_case", false},
                                   {"normalization", "nfkc"},
                                   {"punctuation", false},
                                   {"fold_numbers", true},
                                   {"length_token", false}}));
  run_well("compress --model m --output m.ockham --weights fp32");
  // word0 and word1 are one word now, full-width letters plain ones, and marks nothing.
  const auto predict = [&](const std::string& model, const std::string& text) {
    return run_well("predict --model " + model, {.input = text + "\n"}).out;
  };
  for (const std::string model : {"m", "m.ockham"}) {
    EXPECT_EQ(predict(model, "good, word12!"), predict(model, "\uFF47ood word34"));
    EXPECT_NE(predict(model, "good good good"), predict(model, "GOOD GOOD GOOD"));
  }
}

TEST_F(Tokenizer, SaysWhatIsWrong) {
  expect_refusal(run("tokenizer --train train.tsv"), 2, {"--output DIR"});
  expect_refusal(run("tokenizer --train missing.tsv --output t"), 1, {"missing.tsv", "check"});
  expect_refusal(run("tokenizer --train train.tsv --output t --model-type char"), 2,
                 {"--model-type char", "unigram, bpe"});
  expect_refusal(run("tokenizer --train train.tsv --output t --vocabulary-size 0"), 2,
                 {"--vocabulary-size 0"});
  expect_refusal(run("tokenizer --train train.tsv --output t --vocabulary-size 5"), 1,
                 {"train.tsv", "more different characters", "--vocabulary-size"});
  for (const std::string option :
       {"--format csv", "--text-column text", "--delimiter ;", "--no-header"}) {
    expect_refusal(run("tokenizer --plain --train train.tsv --output t " + option), 2,
                   {"--plain", words_of(option)[0], "leave out one"});
  }
  write("utf16.txt", std::string("g\0o\0o\0d\0\n\0", 10));
  expect_refusal(run("tokenizer --plain --train utf16.txt --output t"), 1,
                 {"utf16.txt:1: the file is UTF-16", "iconv"});
  write("blank.txt", "\n \n");
  expect_refusal(run("tokenizer --plain --train blank.txt --output t"), 1,
                 {"blank.txt: holds no word"});
  EXPECT_FALSE(fs::exists(folder_ / "t"));
  expect_refusal(run("tokenizer --train train.tsv --output ."), 1, {".: holds ", "--output"});
  write("file", "");
  expect_refusal(run("tokenizer --train train.tsv --output file"), 1, {"file"});
  EXPECT_TRUE(fs::exists(folder_ / "train.tsv"));
}

TEST_F(Tokenizer, TrainingRefusesAFolderWithoutTokenizer) {
  fs::create_directories(folder_ / "empty");
  for (const std::string name : {"empty", "missing", "sentencpiece"}) {
    expect_refusal(run("train --quiet --train train.tsv --model m --tokenizer " + name), 1,
                   {name + ": no tokenizer there", "word, sentencepiece or a folder"});
  }
  fs::create_directories(folder_ / "half");
  run_well("tokenizer --train train.tsv --output half --vocabulary-size 60");
  fs::remove(folder_ / "half/tokenizer.model");
  expect_refusal(run("train --quiet --train train.tsv --model m --tokenizer half"), 1,
                 {"half/tokenizer.model"});
}

}  // namespace
}  // namespace ockham
