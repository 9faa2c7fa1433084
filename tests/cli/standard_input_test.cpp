#include <csignal>

#include "tests/cli/cli_test.hpp"

// Standard input is there once.

namespace ockham {
namespace {

namespace fs = std::filesystem;

class StandardInput : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("train.tsv", make_corpus(200));
  }
};

TEST_F(StandardInput, ServesOneInput) {
  const Surroundings input{.input = read("train.tsv")};
  const auto refuse = [&](const std::string& arguments, const std::string& inputs) {
    expect_refusal(run(arguments, input), 2, {inputs, "- (standard input)", "only once"});
  };
  refuse("train --train - --valid - --model m", "--train and --valid");
  refuse("train --train - --class-weights - --model m", "--train and --class-weights");
  refuse("train --train train.tsv --valid - --class-weights - --model m",
         "--valid and --class-weights");
  refuse("data - --against -", "FILE and --against");
  refuse("compress --model m --output m.ockham --weights auto --train - --valid -",
         "--train and --valid");
  expect_refusal(run("predict --model m - train.tsv -", input), 2, {"- (standard input)", "once"});
  expect_refusal(run("train --train train.tsv --model m --vectors -", input), 2,
                 {"--vectors", "read twice", "save it"});
  EXPECT_FALSE(fs::exists(folder_ / "m"));
}

TEST_F(StandardInput, MayHoldTheWeightsOfClasses) {
  const std::string train = "train --train train.tsv" + kQuick + " --class-weights ";
  write("weights", "pos\t4\n");
  run_well(train + "weights --model file");
  run_well(train + "- --model pipe", {.input = read("weights")});
  EXPECT_EQ(read("pipe/model.safetensors"), read("file/model.safetensors"));
}

TEST_F(StandardInput, HasToComeAgainToResume) {
  const Surroundings input{.input = read("train.tsv")};
  const std::string options = " --epochs 300 --points 4 --dense-steps 60 --rate 0.003 --quiet";
  Program program(words_of("ockham train --train - --model m" + options), folder_, input);
  while (program.running() && (!fs::exists(folder_ / "m/log.jsonl") ||
                               read("m/log.jsonl").find("\"phase\"") == std::string::npos)) {
  }
  program.send(SIGINT);
  const std::string again = "with the same input again on standard input, go on with: ";
  const std::string command = "ockham train --config m/checkpoint.ini --resume";
  expect_refusal(program.wait(), 1, {"stopped after epoch", "; " + again + command + "\n"});
  expect_refusal(run("report --model m"), 1, {"m: its training is unfinished; " + again + command});

  const std::string resume = command.substr(command.find(' ') + 1);
  expect_refusal(run(resume), 1, {"stdin: is empty", "--resume needs", "standard input again"});
  expect_refusal(run(resume, {.input = make_corpus(200, 9)}), 1, {"belongs to other"});
  run_well(resume, input);
  EXPECT_TRUE(fs::exists(folder_ / "m/config.json"));
}

}  // namespace
}  // namespace ockham
