#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/cli/cli_test.hpp"

// A training that is stopped on its way.

namespace ockham {
namespace {

namespace fs = std::filesystem;

// Long enough that the signal arrives before the end.
const std::string kLonger = " --epochs 300 --points 4 --dense-steps 60 --rate 0.003 --quiet";

class Stopping : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("train.tsv", make_corpus(600));
  }

  static std::vector<std::string> train_into(const std::string& model) {
    std::vector<std::string> command =
        words_of("ockham train --train train.tsv" + kLonger + " --model");
    command.push_back(model);
    return command;
  }

  size_t count_in_log(const std::string& model, const std::string& what) const {
    if (!fs::exists(folder_ / model / "log.jsonl")) return 0;
    const std::string log = read(model + "/log.jsonl");
    size_t count = 0;
    for (size_t at = 0; (at = log.find(what, at)) != std::string::npos; ++at) ++count;
    return count;
  }

  /// Until the log says one of that more. (A new run starts the log anew.)
  void wait_for(const Program& program, const std::string& model, const std::string& what) const {
    for (size_t seen = count_in_log(model, what); program.running();) {
      const size_t now = count_in_log(model, what);
      if (now > seen) break;
      seen = now;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  /// Waits, and sends the signal.
  Outcome stop(Program& program, const std::string& model, const std::string& what,
               int signal) const {
    wait_for(program, model, what);
    program.send(signal);
    return program.wait();
  }

  /// The command that the message says to go on with.
  static std::string resume_command(const Outcome& outcome) {
    const std::string before = "go on with: ";
    const size_t at = outcome.err.find(before);
    return at == std::string::npos ? "false" : lines_of(outcome.err.substr(at + before.size()))[0];
  }

  /// Without settings.ini's paths too, which are whole ones after a resume.
  Files all_but_log(const std::string& model) const {
    Files files = files_in(model);
    files.erase("log.jsonl");
    if (files.contains("settings.ini")) {
      std::string& settings = files["settings.ini"];
      settings.erase(0, settings.find("\nepochs"));
    }
    return files;
  }
};

const std::string kDenseEpoch = "\"phase\":\"dense\"";
const std::string kBayesEpoch = "\"phase\":\"bayes\"";
const std::string kPoint = "\"event\":\"point\"";

TEST_F(Stopping, InterruptedAndResumedIsAsNeverStopped) {
  const std::string model = "a reviewer's model";  // a shell needs quotes for it
  Program(train_into(model), folder_).wait();
  const Files whole = all_but_log(model);
  ASSERT_TRUE(whole.contains("model.safetensors"));
  const auto whole_log = events_of(read(model + "/log.jsonl"));
  for (const std::string& moment : {kDenseEpoch, kBayesEpoch, kPoint}) {
    SCOPED_TRACE(moment);
    fs::remove_all(folder_ / model);
    Program program(train_into(model), folder_);
    const Outcome stopped = stop(program, model, moment, moment == kPoint ? SIGTERM : SIGINT);
    expect_refusal(stopped, 1, {"stopped after epoch", "ockham train --config", "--resume"});
    ASSERT_FALSE(fs::exists(folder_ / model / "config.json"));
    const Outcome resumed = shell(resume_command(stopped));
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_EQ(all_but_log(model), whole);
    EXPECT_EQ(events_of(read(model + "/log.jsonl")), whole_log);
  }
}

TEST_F(Stopping, ALanguageModelIsGoneOnWithToo) {
  write("more.txt", without_labels(make_corpus(100, 7)).texts);
  const std::string options =
      " --language-epochs 40 --hidden 6 --unlabelled more.txt --teachers 0 --log run.jsonl";
  const auto whole_run = [&](const std::string& model) {
    return words_of(
        "ockham train --train train.tsv --epochs 20 --points 2 --dense-steps 20 --quiet" + options +
        " --model " + model);
  };
  Program(whole_run("whole"), folder_).wait();
  for (const char* phase : {"language", "bayes"}) {
    SCOPED_TRACE(phase);
    fs::remove_all(folder_ / "m");
    Program program(whole_run("m"), folder_);
    const Outcome stopped = stop(program, "m", "\"phase\":\"" + std::string(phase) + "\"", SIGINT);
    const std::string command = resume_command(stopped);
    ASSERT_NE(read("m/checkpoint.ini").find("log = " + (folder_ / "run.jsonl").string()),
              std::string::npos);
    const Outcome resumed = shell(command);
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    Files files = all_but_log("m"), whole = all_but_log("whole");
    for (Files* one : {&files, &whole}) one->erase("settings.ini");  // paths are whole ones now
    EXPECT_EQ(files, whole);
    EXPECT_EQ(count_in_log("m", "\"phase\":\"language\""), 40u);
    EXPECT_EQ(read("run.jsonl"), read("m/log.jsonl"));
  }
}

TEST_F(Stopping, ALogThatIsAskedForLateIsWhole) {
  Program program(train_into("m"), folder_);
  write("late.jsonl", "of another run\n");
  const Outcome stopped = stop(program, "m", kBayesEpoch, SIGINT);
  const Outcome resumed = shell(resume_command(stopped) + " --log late.jsonl");
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(read("late.jsonl"), read("m/log.jsonl"));
}

/// A power cut takes what the disk had not written; checkpoints it had.
TEST_F(Stopping, ADamagedLogIsNoHindrance) {
  Program(train_into("m"), folder_).wait();
  const Files whole = all_but_log("m");
  const auto whole_log = events_of(read("m/log.jsonl"));
  for (const std::string left : {"", "zeros", "half"}) {
    SCOPED_TRACE(left);
    fs::remove_all(folder_ / "m");
    Program program(train_into("m"), folder_);
    const Outcome stopped = stop(program, "m", kBayesEpoch, SIGINT);
    const std::string log = read("m/log.jsonl");
    const bool empty = left != "half";
    write("m/log.jsonl", left == "zeros" ? std::string(5'000, '\0')
                         : empty         ? ""
                                 : log + log.substr(log.size() - 50) + "\n{\"event\":\"epo");
    const Outcome resumed = shell(resume_command(stopped));
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_EQ(all_but_log("m"), whole);
    const auto told = events_of(read("m/log.jsonl"));
    EXPECT_EQ(told.front()["event"], "start");
    EXPECT_EQ(told.back(), whole_log.back());
    if (!empty) {
      EXPECT_EQ(told, whole_log);
    }
  }
}

TEST_F(Stopping, AnotherTrainingsLogIsNotGoneOnWith) {
  Program(train_into("other"), folder_).wait();
  const std::string others = read("other/log.jsonl");
  write("train.tsv", make_corpus(600, 3));
  Program(train_into("m"), folder_).wait();
  const Files whole = all_but_log("m");
  for (const bool lost : {true, false}) {
    SCOPED_TRACE(lost);
    fs::remove_all(folder_ / "m");
    Program program(train_into("m"), folder_);
    const Outcome stopped = stop(program, "m", kBayesEpoch, SIGINT);
    if (lost) {
      fs::remove(folder_ / "m/log.jsonl");
      expect_refusal(run("train --train train.tsv --model m"), 1, {"unfinished", "--resume"});
    } else {
      write("m/log.jsonl", others);
    }
    const Outcome resumed = shell("sed -i 's/quiet = true/quiet = false/' m/checkpoint.ini && " +
                                  resume_command(stopped));
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_NE(resumed.err.find("another training's"), std::string::npos) << resumed.err;
    EXPECT_EQ(read("m/model.safetensors"), whole.at("model.safetensors"));
    const auto told = events_of(read("m/log.jsonl"));
    const auto of_other = events_of(others);
    EXPECT_EQ(told.front()["event"], "start");
    EXPECT_NE(told.front()["fingerprint"], of_other.front()["fingerprint"]);
    EXPECT_EQ(told[1]["phase"], "bayes");
    EXPECT_EQ(told.back()["event"], "end");
  }
}

/// Its epochs are counted from those before, so that what a kill left behind a checkpoint is known.
TEST_F(Stopping, ALogThatWasLostTellsNoEpochTwice) {
  Program program(train_into("m"), folder_);
  std::string again = resume_command(stop(program, "m", kBayesEpoch, SIGINT));
  fs::remove(folder_ / "m/log.jsonl");
  Program second(words_of(again), folder_);
  again = resume_command(stop(second, "m", kBayesEpoch, SIGINT));
  const std::vector<std::string> lines = lines_of(read("m/log.jsonl"));
  auto beyond = nlohmann::json::parse(lines.back());
  ASSERT_EQ(beyond["phase"], "bayes");
  beyond["epoch"] = beyond["epoch"].get<int>() + 1;  // as if it had been killed an epoch later
  write("m/log.jsonl", read("m/log.jsonl") + beyond.dump() + "\n");
  EXPECT_EQ(shell(again).code, 0);
  std::vector<int> told;
  for (const auto& event : events_of(read("m/log.jsonl"))) {
    if (event["event"] == "epoch") told.push_back(event["epoch"]);
    if (event["event"] == "start") {
      EXPECT_GT(event["epochs_before"], 3);
    }
  }
  for (size_t i = 0; i + 1 < told.size(); ++i) ASSERT_EQ(told[i] + 1, told[i + 1]) << i;
}

/// Stopped while a point was fine-tuned, gone on with, and killed before the next checkpoint: the
/// log knows the point and its epoch, and the checkpoint neither.
TEST_F(Stopping, WhatHappensAgainIsToldOnce) {
  const std::string train =
      "ockham train --train train.tsv --epochs 12 --points 2 --dense-steps 20 --fine-tune-epochs "
      "150 --quiet --model m";
  Program(words_of(train), folder_).wait();
  const auto whole = events_of(read("m/log.jsonl"));
  std::string seventh, until_point;
  for (const std::string& line : lines_of(read("m/log.jsonl"))) {
    until_point += line + "\n";
    if (until_point.find(kPoint) != std::string::npos && line.find(kPoint) == std::string::npos) {
      break;
    }
    if (line.find(kBayesEpoch) != std::string::npos) seventh = line;
  }
  const size_t epoch = nlohmann::json::parse(seventh)["epoch"];
  fs::remove_all(folder_ / "m");
  Program program(words_of(train), folder_);
  const std::string before_point = "\"epoch\":" + std::to_string(epoch) + ",\"event\":\"epoch\"";
  while (program.running()) {
    const std::string log = fs::exists(folder_ / "m/log.jsonl") ? read("m/log.jsonl") : "";
    const size_t bayes = log.find(kBayesEpoch);
    if (bayes != std::string::npos &&
        log.find(before_point, log.rfind('\n', bayes)) != std::string::npos) {
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // so that it is at the point
  program.send(SIGINT);
  const Outcome stopped = program.wait();
  expect_refusal(stopped, 1, {"stopped after epoch"});
  write("m/log.jsonl", until_point);
  const Outcome resumed = shell(resume_command(stopped));
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(events_of(read("m/log.jsonl")), whole);
}

TEST_F(Stopping, ALogHasWhatTheOtherLost) {
  Program(train_into("m"), folder_).wait();
  const auto whole = events_of(read("m/log.jsonl"));
  for (const size_t left : {0, 900}) {
    SCOPED_TRACE(left);
    fs::remove_all(folder_ / "m");
    std::vector<std::string> command = train_into("m");
    command.insert(command.end(), {"--log", "run.jsonl"});
    Program program(command, folder_);
    const Outcome stopped = stop(program, "m", kBayesEpoch, SIGINT);
    write("m/log.jsonl", read("m/log.jsonl").substr(0, left));
    const Outcome resumed = shell(resume_command(stopped));
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    auto told = events_of(read("m/log.jsonl")), expected = whole;
    for (auto* events : {&told, &expected}) events->front().erase("settings");  // one has --log
    EXPECT_EQ(told, expected);
    EXPECT_EQ(read("run.jsonl"), read("m/log.jsonl"));
  }
}

/// As `timeout` sends them, to the program and to its group.
TEST_F(Stopping, SignalsAtOnceAreOne) {
  for (int time = 0; time < 3; ++time) {
    fs::remove_all(folder_ / "m");
    Program program(train_into("m"), folder_);
    wait_for(program, "m", kDenseEpoch);
    for (int i = 0; i < 5; ++i) {
      program.send(SIGTERM);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const Outcome stopped = program.wait();
    expect_refusal(stopped, 1, {"stopped after epoch", "--resume"});
    if (time == 0) {
      EXPECT_EQ(shell(resume_command(stopped)).code, 0);
    }
  }
}

TEST_F(Stopping, InterruptedTwice) {
  Program(train_into("m"), folder_).wait();
  const Files whole = all_but_log("m");
  fs::remove_all(folder_ / "m");
  Program first(train_into("m"), folder_);
  const Outcome stopped = stop(first, "m", kDenseEpoch, SIGINT);
  Program second(words_of(resume_command(stopped)), folder_);
  const Outcome again = stop(second, "m", kPoint, SIGINT);
  expect_refusal(again, 1, {"stopped after epoch"});
  EXPECT_NE(resume_command(again).find("m/checkpoint.ini --resume"), std::string::npos);
  EXPECT_EQ(shell("cd / && " + resume_command(again)).code, 0);  // from any folder
  EXPECT_EQ(all_but_log("m"), whole);
}

TEST_F(Stopping, GoesOnWithItsTokenizerFromAnyFolder) {
  run_well("tokenizer --train train.tsv --vocabulary-size 70 --output subwords");
  fs::create_directory(folder_ / "elsewhere");
  for (const std::string tokenizer : {"subwords", "sentencepiece"}) {
    std::vector<std::string> command = train_into("m");
    command.insert(command.end(), {"--tokenizer", tokenizer});
    if (tokenizer == "sentencepiece") {
      command.insert(command.end(), {"--vocabulary-size", "70"});
    }
    Program(command, folder_).wait();
    const std::string whole = read("m/model.safetensors"), pieces = read("m/tokenizer.model");
    fs::remove_all(folder_ / "m");
    Program program(command, folder_);
    ASSERT_EQ(stop(program, "m", kBayesEpoch, SIGINT).code, 1);
    const Outcome resumed =
        shell("cd elsewhere && ockham train --config ../m/checkpoint.ini --resume");
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_EQ(read("m/model.safetensors"), whole);
    EXPECT_EQ(read("m/tokenizer.model"), pieces);
  }
}

TEST_F(Stopping, AnUnfinishedModelSaysHowToGoOn) {
  Program program(train_into("m"), folder_);
  const Outcome stopped = stop(program, "m", kBayesEpoch, SIGINT);
  expect_refusal(run("report --model m"), 1, {"unfinished", resume_command(stopped)});
}

TEST_F(Stopping, ASecondTrainingInTheFolderIsRefused) {
  const std::string other = "train --train train.tsv --model m" + kLonger;
  const std::string resume = other + " --resume";
  for (const bool anew : {true, false}) {
    if (!anew) {
      fs::remove_all(folder_ / "m");
      put_model("m");
    }
    Program first(train_into("m"), folder_);
    wait_for(first, "m", kDenseEpoch);
    first.send(SIGSTOP);  // so that it does not end meanwhile
    const std::vector<std::string> parts{"m: another training is at work in it", "--model"};
    expect_refusal(run(other), 1, parts);
    expect_refusal(run(resume), 1, parts);
    first.send(SIGKILL);
    first.wait();
    // What the kill left is in nobody's way.
    Program second(train_into("m"), folder_);
    const Outcome stopped = stop(second, "m", kDenseEpoch, SIGINT);
    expect_refusal(stopped, 1, {"stopped after epoch"});
    EXPECT_EQ(shell(resume_command(stopped)).code, 0);
  }
}

TEST_F(Stopping, TheOldModelStaysUntilTheNewOneIsFinished) {
  put_model("m");
  const Files old = all_but_log("m");
  for (const int signal : {SIGKILL, SIGINT}) {
    Program program(train_into("m"), folder_);
    const Outcome stopped = stop(program, "m", kBayesEpoch, signal);
    EXPECT_EQ(stopped.signal, signal == SIGKILL ? SIGKILL : 0);
    const Files now = all_but_log("m");
    for (const auto& [name, bytes] : old) {
      ASSERT_TRUE(now.contains(name)) << name;
      EXPECT_EQ(now.at(name), bytes) << name;
    }
    EXPECT_EQ(run("predict --model m", {.input = "good\n"}).code, 0);
    if (signal == SIGKILL) continue;
    EXPECT_EQ(shell(resume_command(stopped)).code, 0);
  }
  EXPECT_NE(all_but_log("m"), old);
  EXPECT_FALSE(fs::exists(folder_ / "m/checkpoint"));
}

TEST_F(Stopping, ResumeNeedsItsCheckpoint) {
  const std::string resume = "train --train train.tsv --resume --model ";
  expect_refusal(run(resume + "m" + kLonger), 1, {"m: no unfinished training", "--resume"});

  Program program(train_into("m"), folder_);
  ASSERT_EQ(stop(program, "m", kBayesEpoch, SIGINT).code, 1);
  expect_refusal(run(resume + "m --seed 9" + kLonger), 1, {"m: its checkpoint belongs to other"});
  write("train.tsv", make_corpus(600, 9));
  expect_refusal(run(resume + "m" + kLonger), 1, {"m: its checkpoint belongs to other"});

  write("train.tsv", make_corpus(600));
  write("m/checkpoint/moments.safetensors", "");
  expect_refusal(run(resume + "m" + kLonger), 1,
                 {"m/checkpoint/moments.safetensors", "start anew without --resume"});
}

TEST_F(Stopping, AnUnfinishedTrainingIsNotThrownAway) {
  Program program(train_into("m"), folder_);
  ASSERT_EQ(stop(program, "m", kBayesEpoch, SIGINT).code, 1);
  const Files before = files_in("m");
  expect_refusal(run("train --train train.tsv --model m" + kLonger), 1,
                 {"m: holds an unfinished training", "--resume", "remove m/checkpoint"});
  EXPECT_EQ(files_in("m") == before, true);
  fs::remove_all(folder_ / "m/checkpoint");
  run_well("train --train train.tsv --model m" + kQuick);
}

}  // namespace
}  // namespace ockham
