#include <set>

#include "tests/cli/cli_test.hpp"

// What a training leaves in its folder hangs on the data, the options and the seed alone.

namespace ockham {
namespace {

namespace fs = std::filesystem;

class Training : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("train.tsv", make_corpus(300));
  }

  void train(const std::string& model, const std::string& options = "",
             const Surroundings& surroundings = {}) const {
    run_well("train --model " + model + kQuick + " " + options, surroundings);
  }

  /// The model and its path, without the log and the settings, which hold times and names.
  Files model_files(const std::string& name) const {
    Files files = files_in(name);
    EXPECT_EQ(files.erase("log.jsonl"), 1u);
    EXPECT_EQ(files.erase("settings.ini"), 1u);
    return files;
  }
};

TEST_F(Training, LeavesExactlyTheseFiles) {
  train("m", "--train train.tsv");
  std::set<std::string> names, expected{"log.jsonl", "path.json", "settings.ini"};
  for (const auto& [name, bytes] : files_in("m")) names.insert(name);
  const size_t points = report("m").at("path").at("points").size();
  ASSERT_LT(points, 10u);
  for (const std::string file : {"config.json", "model.safetensors", "tokenizer.json"}) {
    expected.insert(file);
    for (size_t i = 0; i < points; ++i) expected.insert("path/0" + std::to_string(i) + "/" + file);
  }
  EXPECT_EQ(names, expected);
}

TEST_F(Training, ThreadsChangeNoByte) {
  train("one", "--train train.tsv --threads 1");
  train("two", "--train train.tsv --threads 2");
  train("three", "--train train.tsv --threads 3");
  const Files one = model_files("one");
  EXPECT_EQ(one, model_files("two"));
  EXPECT_EQ(one, model_files("three"));
  EXPECT_TRUE(one.contains("model.safetensors"));
}

TEST_F(Training, SaysWhereTheTimeWentAndGivesTheSameModel) {
  train("m", "--train train.tsv");
  const Outcome outcome = run_well("train --train train.tsv --model timed --profile" + kQuick);
  const std::vector<std::string> lines = lines_of(outcome.err);
  ASSERT_GT(lines.size(), 4u) << outcome.err;
  EXPECT_EQ(lines[0], "where the time went, in seconds:");
  for (const char* part : {"around", "dense", "bayes", "points", "reading", "noise",
                           "recurrence, backward", "KL and Adam", "validation", "the rest"}) {
    EXPECT_NE(outcome.err.find(part), std::string::npos) << part;
  }
  EXPECT_NE(lines.back().find("100.0%"), std::string::npos) << lines.back();
  EXPECT_TRUE(model_files("m") == model_files("timed"));
}

TEST_F(Training, SaysWhereTheTimeOfTeachersWent) {
  const Outcome outcome =
      run_well("train --train train.tsv --model m --profile --teachers 1" + kQuick);
  const std::vector<std::string> lines = lines_of(outcome.err);
  const auto line_with = [&](const std::string& part) {
    const auto found = std::ranges::find_if(
        lines, [&](const std::string& line) { return line.find(part) != line.npos; });
    return found == lines.end() ? "" : *found;
  };
  const std::string heading = line_with("around"), products = line_with("recurrence, backward");
  const size_t end = heading.find("teachers") + std::string("teachers").size();
  ASSERT_LT(end, products.size()) << outcome.err;
  EXPECT_EQ(products.substr(end - 3, 1), ".") << outcome.err;  // a number of seconds, no dash
  EXPECT_NE(line_with("labelling"), "");
}

TEST_F(Training, SeedsChangeTheModel) {
  train("one", "--train train.tsv --seed 1");
  train("two", "--train train.tsv --seed 2");
  EXPECT_NE(read("one/model.safetensors"), read("two/model.safetensors"));
}

TEST_F(Training, ReadsStandardInput) {
  train("file", "--train train.tsv");
  train("pipe", "--train -", {.input = read("train.tsv")});
  EXPECT_EQ(model_files("file"), model_files("pipe"));
  const Outcome outcome =
      run_well("evaluate --json --model file --data -", {.input = read("train.tsv")});
  EXPECT_EQ(without_speed(outcome.out), evaluate("file", "train.tsv"));
}

// Texts and what is made of them go to temporary files, which `ulimit -d` does not count.
TEST_F(Training, TextsMayBeLargerThanTheMemory) {
  std::string good, bad;
  while (good.size() < 50'000) {
    good += "good great film ";
    bad += "bad great film ";
  }
  write("two.tsv", "pos\t" + good + "\nneg\t" + bad);
  // 100 MB of text with 60 MB of memory, of which threads get little stacks.
  const Outcome outcome = shell(
      "yes \"$(cat two.tsv)\" | head -n 2000 | (ulimit -d 60000; ulimit -s 1024; ockham train"
      " --train - --model m --threads 1 --epochs 1 --dense-steps 1 --points 1 --max-tokens 20"
      " --fine-tune-epochs 0 --quiet)");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(fs::exists(folder_ / "m/config.json"));
}

TEST_F(Training, AgainIntoTheSameFolderReplacesTheModel) {
  train("m", "--train train.tsv");
  write("m/path/00/stray", "of the old model");
  train("m", "--train train.tsv --seed 2");
  train("fresh", "--train train.tsv --seed 2");
  EXPECT_EQ(model_files("m"), model_files("fresh"));
  for (const auto& entry : fs::directory_iterator(folder_)) {
    EXPECT_EQ(entry.path().string().find("partial"), std::string::npos) << entry.path();
  }
}

TEST_F(Training, LinkAndSlashNameTheSameFolder) {
  train("real/", "--train train.tsv");
  fs::create_directory_symlink("real", folder_ / "link");
  train("link", "--train train.tsv --seed 2");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  train("fresh", "--train train.tsv --seed 2");
  EXPECT_EQ(model_files("real"), model_files("fresh"));
}

TEST_F(Training, ValidationFileIsOnlyChosenBy) {
  write("valid.tsv", make_corpus(60, 3) + "pos\tunheardof unheardof unheardof\n");
  train("m", "--train train.tsv --valid valid.tsv");
  EXPECT_EQ(report("m").at("path").at("validation_texts"), 61);
  EXPECT_EQ(read("m/tokenizer.json").find("unheardof"), std::string::npos);
}

TEST_F(Training, LogIsJsonLines) {
  train("m", "--train train.tsv");
  size_t epochs = 0, points = 0;
  for (const std::string& line : lines_of(read("m/log.jsonl"))) {
    const auto event = nlohmann::json::parse(line).at("event").get<std::string>();
    epochs += event == "epoch";
    points += event == "point";
  }
  EXPECT_GT(epochs, 12u);
  EXPECT_EQ(points, report("m").at("path").at("points").size());
}

TEST_F(Training, ProgressGoesToStderr) {
  const Outcome outcome =
      run_well("train --train train.tsv --model m --epochs 2 --points 1 --dense-steps 1");
  EXPECT_NE(outcome.err.find("train.tsv: 300 texts, 2 classes"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("bayes 2/2"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find('\r'), std::string::npos) << "no terminal is there";
  const std::string replaced = "m: the model that is there is replaced";
  EXPECT_EQ(outcome.err.find(replaced), std::string::npos) << outcome.err;
  const Outcome again =
      run_well("train --train train.tsv --model m --epochs 2 --points 1 --dense-steps 1");
  EXPECT_NE(again.err.find(replaced), std::string::npos) << again.err;
}

TEST_F(Training, SampleDataIsReproducible) {
  const std::string sizes = " --train-texts 50 --test-texts 20";
  run_well("sample-data --output a" + sizes);
  run_well("sample-data --output b/deep" + sizes);
  run_well("sample-data --output c --seed 2" + sizes);
  EXPECT_EQ(files_in("a"), files_in("b/deep"));
  EXPECT_NE(files_in("a"), files_in("c"));
  EXPECT_EQ(lines_of(read("a/train.tsv")).size(), 50u);
  EXPECT_EQ(lines_of(read("a/test.tsv")).size(), 20u);
}

}  // namespace
}  // namespace ockham
