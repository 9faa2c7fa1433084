#include <chrono>
#include <csignal>
#include <thread>

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
  refuse("train --train - --vectors - --model m", "--train and --vectors");
  EXPECT_FALSE(fs::exists(folder_ / "m"));
}

TEST_F(StandardInput, MayHoldTheWeightsOfClasses) {
  const std::string train = "train --train train.tsv" + kQuick + " --class-weights ";
  write("weights", "pos\t4\n");
  run_well(train + "weights --model file");
  run_well(train + "- --model pipe", {.input = read("weights")});
  EXPECT_EQ(read("pipe/model.safetensors"), read("file/model.safetensors"));
}

TEST_F(StandardInput, MayHoldWordVectorsWhichAreReadTwice) {
  const std::string train = "train --train train.tsv" + kQuick + " --vectors ";
  const std::string vectors = "2 3\ngood 1 2 3\nbad -1 -2 -3\n";
  write("vectors", vectors);
  run_well(train + "vectors --model file");
  run_well(train + "- --model pipe", {.input = vectors});
  EXPECT_EQ(read("pipe/model.safetensors"), read("file/model.safetensors"));
  ASSERT_EQ(shell("gzip -k vectors").code, 0);
  run_well(train + "- --model packed", {.input = read("vectors.gz")});
  EXPECT_EQ(read("packed/model.safetensors"), read("file/model.safetensors"));
  expect_refusal(run(train + "- --model none", {.input = ""}), 1, {"stdin: is empty"});
  // Pipes with names are there once, too.
  ASSERT_EQ(shell("mkfifo pipe.txt").code, 0);
  ASSERT_EQ(shell("cat vectors > pipe.txt & " OCKHAM_PROGRAM " " + train +
                  "pipe.txt --model fifo 2>/dev/null")
                .code,
            0);
  EXPECT_EQ(read("fifo/model.safetensors"), read("file/model.safetensors"));
}

TEST_F(StandardInput, HasToComeAgainToResume) {
  const std::string again = "with the same input again on standard input, go on with: ";
  const std::string command = "ockham train --config m/checkpoint.ini --resume";
  const std::string resume = command.substr(command.find(' ') + 1);
  const auto stop_and_resume = [&](const std::string& inputs, const std::string& input,
                                   const std::string& other) {
    SCOPED_TRACE(inputs);
    fs::remove_all(folder_ / "m");
    Program program(words_of("ockham train --model m --epochs 300 --points 4 --dense-steps 60"
                             " --rate 0.003 --quiet " +
                             inputs),
                    folder_, {.input = input});
    while (program.running() && (!fs::exists(folder_ / "m/log.jsonl") ||
                                 read("m/log.jsonl").find("\"phase\"") == std::string::npos)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    program.send(SIGINT);
    expect_refusal(program.wait(), 1, {"stopped after epoch", "; " + again + command + "\n"});
    expect_refusal(run("report --model m"), 1, {"m: its training is unfinished; " + again});
    expect_refusal(run(resume), 1, {"stdin: is empty", "--resume needs", "standard input again"});
    expect_refusal(run(resume, {.input = other}), 1, {"belongs to other"});
    run_well(resume, {.input = input});
    EXPECT_TRUE(fs::exists(folder_ / "m/config.json"));
  };
  stop_and_resume("--train -", read("train.tsv"), make_corpus(200, 9));
  stop_and_resume("--train train.tsv --class-weights -", "pos\t4\n", "pos\t5\n");
}

}  // namespace
}  // namespace ockham
