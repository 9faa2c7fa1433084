#include "tests/cli/cli_test.hpp"

namespace ockham {
namespace {

using Config = CliTest;

TEST_F(Config, UnreadableLinesAreNamed) {
  const auto refuse = [&](const std::string& text, const std::vector<std::string>& parts) {
    write("a.ini", text);
    expect_refusal(run("train --config a.ini --train t --model m"), 1, parts);
  };
  refuse("epochs = 3\n\nnonsense\n", {"a.ini:3: ", "'key = value'", "'nonsense'"});
  refuse("# comment\nepohcs = 3\n", {"a.ini:2: ", "'epohcs'", "did you mean epochs?"});
  refuse("epochs = many\n", {"a.ini:1: ", "epochs = many", "a whole number"});
  refuse("epochs = 1\nepochs = 2\n", {"a.ini:2: ", "line 1"});
  refuse("train = \"open\n", {"a.ini:1: ", "does not end"});
  refuse(std::string(50'000, '\x01') + "\x1b[2J", {"a.ini:1: ", "'key = value'", "..."});
}

TEST_F(Config, UnreadableFilesAreNamed) {
  expect_refusal(run("train --config none.ini"), 1, {"none.ini", "check the path"});
  std::filesystem::create_directory(folder_ / "folder");
  expect_refusal(run("train --config folder"), 1, {"folder is a folder", "a file"});
  expect_refusal(run("train --config"), 2, {"--config needs a value"});
}

TEST_F(Config, CommandLineWins) {
  write("train.tsv", make_corpus(100));
  write("a.ini",
        "train = train.tsv\nmodel = from-file\nepochs = 4\npoints = 1\ndense-steps = 5\n"
        "quiet = true\nseed = 3 # not four\n");
  run_well("train --config a.ini");
  run_well("train --config a.ini --model other --seed 4");
  EXPECT_NE(read("from-file/settings.ini").find("\nseed = 3\n"), std::string::npos);
  EXPECT_NE(read("other/settings.ini").find("\nseed = 4\n"), std::string::npos);
  EXPECT_NE(read("other/settings.ini").find("\nepochs = 4\n"), std::string::npos);
}

TEST_F(Config, SettingsOfAModelReproduceIt) {
  write("train.tsv", make_corpus(200));
  run_well("train --train train.tsv --model m --seed 5 --groups vocabulary,inputs --hidden 4" +
           kQuick);
  run_well("train --config m/settings.ini --model again");
  EXPECT_EQ(read("m/model.safetensors"), read("again/model.safetensors"));
  EXPECT_EQ(read("m/config.json"), read("again/config.json"));
  // Into its own folder, whose settings it reads.
  run_well("train --config m/settings.ini");
  EXPECT_EQ(read("m/model.safetensors"), read("again/model.safetensors"));
}

TEST_F(Config, ServesEveryCommand) {
  put_model("m");
  write("a.ini", "model = m\n");
  EXPECT_EQ(run_well("report --config a.ini --json").out, run_well("report --model m --json").out);
  write("p.ini", "model = m\njsonl = true\n");
  EXPECT_EQ(run_well("predict --config p.ini --no-jsonl", {.input = "good\n"}).out,
            run_well("predict --model m", {.input = "good\n"}).out);
}

}  // namespace
}  // namespace ockham
