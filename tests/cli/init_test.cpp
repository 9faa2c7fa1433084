#include <csignal>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>

#include "tests/cli/cli_test.hpp"

// Training that goes on from a trained model.

namespace ockham {
namespace {

namespace fs = std::filesystem;

/// Texts of a third label, told by words of their own.
std::string third_label(size_t texts) {
  std::string tsv;
  for (const std::string& line : lines_of(make_corpus(texts, 7))) {
    std::string text = line.substr(line.find('\t') + 1);
    for (const auto* words : {&kGoodWords, &kBadWords}) {
      for (size_t i = 0; i < words->size(); ++i) {
        const std::string word = (*words)[i];
        for (size_t at; (at = text.find(word)) != std::string::npos;) {
          text.replace(at, word.size(), "query" + std::to_string(i));
        }
      }
    }
    tsv += "ask\t" + text + "\n";
  }
  return tsv;
}

class Init : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    put_model("base");
    write("new.tsv", third_label(150));
    write("test.tsv", make_corpus(200, 3));
    write("test_new.tsv", third_label(60));
  }

  double accuracy(const std::string& model, const std::string& data) const {
    return evaluate(model, data).at("accuracy").get<double>();
  }
};

const std::string kMore =
    " --epochs 40 --points 4 --dense-steps 100 --rate 0.01 --dense-rate 0.003";

TEST_F(Init, AddsALabelAndForgetsNothing) {
  const double before = accuracy("base", "test.tsv");
  const Outcome trained = run_well("train --train new.tsv --init base --model m" + kMore);
  EXPECT_NE(trained.err.find("from base: matched 0 of 2 labels, "), std::string::npos)
      << trained.err;
  EXPECT_NE(trained.err.find("added 1 label, "), std::string::npos) << trained.err;
  run_well("compress --model m --output m.ockham");
  // A file is measured on the texts that are given, and not by what the model kept of old ones.
  run_well("compress --model m --output n.ockham --min-accuracy 0.9 --valid test_new.tsv");
  EXPECT_GE(accuracy("n.ockham", "test_new.tsv"), 0.9);
  for (const std::string model : {"m", "m.ockham"}) {
    SCOPED_TRACE(model);
    EXPECT_GE(accuracy(model, "test.tsv"), before - 0.05);
    EXPECT_GE(accuracy(model, "test_new.tsv"), 0.95);
    EXPECT_EQ(report(model).at("labels").size(), 3u);
  }
  write("texts", without_labels(read("test.tsv")).texts);
  EXPECT_EQ(lines_of(run_well("predict --model m texts").out).size(), 200u);
  EXPECT_NE(read("m/settings.ini").find("init = base"), std::string::npos);
}

TEST_F(Init, GoesOnFromWhatWentOn) {
  write("train.tsv", make_corpus(600));
  run_well("train --train train.tsv --model first --quiet" + kMore);
  const double before = accuracy("first", "test.tsv");
  run_well("train --train new.tsv --init first --model second --quiet" + kMore);
  write("more.tsv", make_corpus(100, 11) + third_label(50));
  run_well("train --train more.tsv --init second --model third --quiet" + kMore);
  EXPECT_GE(accuracy("third", "test.tsv"), before - 0.05);
  EXPECT_GE(accuracy("third", "test_new.tsv"), 0.95);
  EXPECT_EQ(report("third").at("labels").size(), 3u);
}

TEST_F(Init, WithoutRehearsalItForgets) {
  const Outcome trained =
      run_well("train --train new.tsv --init base --model m --rehearsal 0" + kMore);
  EXPECT_NE(trained.err.find(" 0 made-up texts"), std::string::npos) << trained.err;
  EXPECT_NE(trained.err.find("nothing keeps the model from forgetting"), std::string::npos)
      << trained.err;
  EXPECT_LE(accuracy("m", "test.tsv"), 0.6);
}

TEST_F(Init, TheModelItselfMayBeReplaced) {
  run_well("train --train new.tsv --init base --model other --quiet" + kMore);
  run_well("train --train new.tsv --init base --model base --quiet" + kMore);
  EXPECT_EQ(read("base/model.safetensors"), read("other/model.safetensors"));
}

TEST_F(Init, InterruptedAndResumedIsAsNeverStopped) {
  const std::string longer = " --epochs 200 --points 4 --dense-steps 100 --rehearsal 0.6 --quiet";
  run_well("train --train new.tsv --init base --model whole" + longer);
  put_model("m");
  write("m/log.jsonl", "");  // so that what is waited for is the new one's
  // The model is replaced by what comes from it, so it must stay until that is there.
  Program program(words_of("ockham train --train new.tsv --init m --model m" + longer), folder_);
  while (program.running() &&
         read("m/log.jsonl").find("\"phase\":\"bayes\"") == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  program.send(SIGINT);
  const Outcome stopped = program.wait();
  ASSERT_EQ(stopped.code, 1) << stopped.err;
  EXPECT_EQ(read("m/model.safetensors"), read("base/model.safetensors"));
  EXPECT_EQ(
      shell("cd / && ockham train --resume --config " + (folder_ / "m/checkpoint.ini").string())
          .code,
      0);
  EXPECT_EQ(read("m/model.safetensors"), read("whole/model.safetensors"));
  EXPECT_EQ(read("m/path.json"), read("whole/path.json"));
}

TEST_F(Init, ResumingNeedsTheSameModel) {
  run_well("train --train new.tsv --model other --init base --quiet" + kMore);
  Program program(words_of("ockham train --train new.tsv --init base --model m --epochs 500"
                           " --dense-steps 100 --quiet"),
                  folder_);
  while (program.running() &&
         (!fs::exists(folder_ / "m/log.jsonl") ||
          read("m/log.jsonl").find("\"phase\":\"bayes\"") == std::string::npos)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  program.send(SIGINT);
  ASSERT_EQ(program.wait().code, 1);
  const std::string resume =
      "train --train new.tsv --model m --epochs 500 --dense-steps 100 "
      "--quiet --resume";
  expect_refusal(run(resume), 1, {"new.tsv: every text has the label"});
  expect_refusal(run(resume + " --init other"), 1, {"m: its checkpoint belongs to other data"});
}

TEST_F(Init, TheTokenizerIsThatOfTheModel) {
  write("train.tsv", make_corpus(300));
  run_well("train --train train.tsv --model cased --no-lower-case --no-length-token" + kQuick);
  run_well("train --train new.tsv --init cased --model m --quiet" + kMore);
  const auto tokenizer = nlohmann::json::parse(read("m/tokenizer.json"));
  EXPECT_EQ(tokenizer.at("lower_case"), false);
  EXPECT_EQ(tokenizer.at("length_token"), false);
  const std::string train = "train --train new.tsv --init cased --model x ";
  for (const std::string option :
       {"--lower-case", "--length-token", "--fold-numbers", "--no-punctuation",
        "--normalization nfkc", "--tokenizer sentencepiece", "--max-tokens 9", "--multi-label",
        "--no-bidirectional", "--pooling last"}) {
    const std::string name = words_of(option)[0];
    const std::string bare =
        name.starts_with("--no-") && name != "--normalization" ? "--" + name.substr(5) : name;
    expect_refusal(run(train + option), 2, {bare + " differs from the model in cased", "--init"});
  }
  run_well(train + "--no-lower-case --tokenizer word --quiet" + kMore);  // as it is anyway
}

TEST_F(Init, WhatIsKeptIsToldApart) {
  const Outcome trained = run_well("train --train new.tsv --init base --model m" + kMore);
  EXPECT_NE(trained.out.find("  validation     kept   n-grams"), std::string::npos) << trained.out;
  EXPECT_NE(trained.err.find("135 texts to train on, 15 to choose by"), std::string::npos)
      << trained.err;
  std::smatch made_up;  // three times as many as the old n-grams, and a tenth of that
  ASSERT_TRUE(std::regex_search(
      trained.err, made_up,
      std::regex("1,(\\d{3}) made-up texts to rehearse the old ones, (\\d+) to see")))
      << trained.err;
  const int to_measure = std::stoi(made_up[2]);
  EXPECT_NEAR(to_measure, 100 + std::stoi(made_up[1]) / 10, 1) << "a tenth of each label's";
  EXPECT_NE(trained.err.find("chosen by the mean of both"), std::string::npos) << trained.err;
  auto path = report("m").at("path");
  EXPECT_EQ(path.at("validation_texts"), 15);
  EXPECT_EQ(path.at("made_up_texts"), to_measure);
  EXPECT_EQ(path.at("chosen_by"), "mean of validation and kept");
  for (const auto& point : path.at("points")) EXPECT_GE(point.at("kept"), 0.0);
  for (const std::string& line : lines_of(read("m/log.jsonl"))) {
    const auto event = nlohmann::json::parse(line);
    EXPECT_EQ(event.contains("kept"), event.at("event") == "epoch" || event.at("event") == "point")
        << line;
  }
  const std::string told = std::to_string(to_measure) + " made-up texts; chosen by the mean";
  EXPECT_NE(run_well("report --model m").out.find(told), std::string::npos);
  // With --valid its texts alone are judged by.
  write("valid.tsv", third_label(8) + make_corpus(12, 9));
  const Outcome given =
      run_well("train --train new.tsv --valid valid.tsv --init base --model v" + kMore);
  EXPECT_NE(given.err.find("chosen by validation alone"), std::string::npos) << given.err;
  path = report("v").at("path");
  EXPECT_EQ(path.at("validation_texts"), 20);
  EXPECT_EQ(path.at("chosen_by"), "validation");
  const auto chosen = path.at("points").at(path.at("chosen").get<size_t>());
  EXPECT_EQ(chosen.at("accuracy"), accuracy("v", "valid.tsv"));
  EXPECT_FALSE(report("base").at("path").contains("made_up_texts"));
}

TEST_F(Init, ScreenedNgramsAreCountedWithoutTheOldOnes) {
  const std::string err = run_well("train --train new.tsv --init base --model m" + kMore).err;
  const size_t at = err.find(" n-grams tell the classes apart");
  ASSERT_NE(at, std::string::npos) << err;
  const std::string line = err.substr(err.rfind('\n', at) + 1, at - err.rfind('\n', at) - 1);
  size_t screened = 0, candidates = 0;
  ASSERT_EQ(std::sscanf(line.c_str(), "%zu of %zu", &screened, &candidates), 2) << line;
  EXPECT_LE(screened, candidates);
}

TEST_F(Init, WhatCannotActIsRefused) {
  const std::string train = "train --train new.tsv --init base --model x ";
  for (const std::string option :
       {"--vocabulary-size 80", "--model-type bpe", "--tokenizer-sample 1000"}) {
    expect_refusal(run(train + option), 2, {words_of(option)[0], "in base", "without --init"});
  }
  expect_refusal(run(train + "--tokenizer base"), 2, {"--tokenizer differs", "(--tokenizer word)"});
  expect_refusal(run(train + "--no-lower-case"), 2,
                 {"--lower-case differs from the model in base", "(--lower-case)"});
  expect_refusal(run(train + "--valid test.tsv --validation 0.2"), 2, {"--validation", "--valid"});
}

TEST_F(Init, WeightsMayNameAClassThatOnlyTheModelHasOrLackIt) {
  for (const std::string weights : {"ask\t2\n", "ask\t2\nneg\t3\npos\t1\n"}) {
    write("weights", weights);
    run_well("train --train new.tsv --init base --model m --class-weights weights" + kQuick);
  }
}

TEST_F(Init, AModelInsideAModelIsRefused) {
  for (const std::string inside : {"base/path/00", "base/sub", "base/a/b"}) {
    expect_refusal(run("train --train test.tsv --model " + inside), 1,
                   {inside + ": is inside the model folder", "base", "--model"});
    expect_refusal(run("train --train new.tsv --init base --model " + inside), 1, {"is inside"});
  }
  EXPECT_FALSE(fs::exists(folder_ / "base/sub"));
}

TEST_F(Init, PlainWeightsAreTheStartAsTheyAre) {
  write("train.tsv", make_corpus(200));
  const std::string plain = " --posterior deterministic --groups none --points 1";
  const std::string sizes = " --embedding 6 --hidden 3";
  run_well("train --train train.tsv --model plain --epochs 4 --dense-steps 40 --quiet" + plain +
           sizes);
  const std::string train =
      "train --train train.tsv --init plain --rehearsal 0 --no-dense-start --epochs 1";
  // Steps too small for any weight leave them all as they were.
  run_well(train + " --model same --rate 1e-30 --fine-tune-epochs 0 --quiet" + plain);
  EXPECT_EQ(read("same/model.safetensors"), read("plain/model.safetensors"));

  const Outcome bayesian = run_well(train + " --model bayesian --points 1" + sizes);
  EXPECT_NE(bayesian.err.find("its plain weights are where training starts\n"), std::string::npos)
      << bayesian.err;
  const auto shape = [&](const std::string& model) {
    return nlohmann::json::parse(read(model + "/config.json")).at("network");
  };
  for (const char* size : {"words", "embedding", "hidden"}) {
    EXPECT_EQ(shape("bayesian").at(size), shape("plain").at(size)) << size;
  }
  const Outcome larger = run_well(train + " --model larger --points 1 --hidden 5");
  EXPECT_NE(larger.err.find("with fresh ones beside them"), std::string::npos) << larger.err;
  EXPECT_EQ(shape("larger").at("hidden"), 5);
  expect_refusal(run(train + " --model x --quiet --hidden 2"), 1,
                 {"--hidden 2 is less than the 3 of the model"});
}

TEST_F(Init, SubwordsComeAlong) {
  write("train.tsv", make_corpus(300));
  run_well("train --train train.tsv --model sub --tokenizer sentencepiece --vocabulary-size 80" +
           kQuick);
  // The usual 15 texts are too few to choose by: a small model with all of them right may err in
  // one of eight others.
  run_well("train --train new.tsv --init sub --model m --validation 0.3 --quiet" + kMore);
  EXPECT_EQ(read("m/tokenizer.model"), read("sub/tokenizer.model"));
  EXPECT_GE(accuracy("m", "test_new.tsv"), 0.9);
}

TEST_F(Init, TheDefaultsLearnALabelOfTenTextsAndKeepTheOthers) {
  const double before = accuracy("base", "test.tsv");
  write("ten.tsv", third_label(10));
  run_well("train --train ten.tsv --init base --model m --quiet");
  EXPECT_GE(accuracy("m", "test.tsv"), before - 0.03);
  EXPECT_GE(accuracy("m", "test_new.tsv"), 0.5);
}

TEST_F(Init, WhatIsNoModelIsRefused) {
  const std::string train = "train --train new.tsv --model m --init ";
  fs::create_directory(folder_ / "empty");
  run_well("compress --model base --output base.ockham");
  expect_refusal(run(train + "nowhere"), 1, {"nowhere: no such model", "--init takes the folder"});
  expect_refusal(run(train + "empty"), 1, {"empty: no model in this folder", "--init takes"});
  expect_refusal(run(train + "base.ockham"), 1, {"base.ockham: is a file", "--init takes"});
  expect_refusal(run(train + "new.tsv"), 1, {"new.tsv: is a file", "--init takes"});
  write("base/model.safetensors", "");
  expect_refusal(run(train + "base"), 1, {"base/model.safetensors", "damaged"});
  fs::create_directories(folder_ / "unfinished/checkpoint");
  expect_refusal(run(train + "unfinished"), 1, {"unfinished: its training is unfinished"});
  EXPECT_FALSE(fs::exists(folder_ / "m"));
}

}  // namespace
}  // namespace ockham
