#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/cli/stopping.hpp"

// The log of a training that is stopped on its way.

namespace ockham {
namespace {

using StoppedLog = Stopping;

TEST_F(StoppedLog, ALogThatIsAskedForLateIsWhole) {
  Program program(train_into("m"), folder_);
  const Outcome stopped = stop(program, "m", kBayesEpoch, SIGINT);
  write("notes.txt", "what is to stay\n");
  expect_refusal(shell(resume_command(stopped) + " --log notes.txt"), 1,
                 {"notes.txt", "would be lost", "--log"});
  write("late.jsonl", read("m/log.jsonl") + "{\"event\":\"epo");
  const Outcome resumed = shell(resume_command(stopped) + " --log late.jsonl");
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(read("late.jsonl"), read("m/log.jsonl"));
}

/// A power cut takes what the disk had not written; checkpoints it had.
TEST_F(StoppedLog, ADamagedLogIsNoHindrance) {
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
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.front()["event"], "start");
    EXPECT_EQ(told.back(), whole_log.back());
    if (!empty) {
      EXPECT_EQ(told, whole_log);
    }
  }
}

TEST_F(StoppedLog, AnotherTrainingsLogIsNotGoneOnWith) {
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

TEST_F(StoppedLog, AReportGoesWithALogThatLostItsBeginning) {
  Program program(train_into("m"), folder_);
  wait_for(program, "m", kPoint);
  const Outcome stopped = stop(program, "m", kBayesEpoch, SIGINT);
  fs::remove(folder_ / "m/log.jsonl");
  ASSERT_EQ(shell(resume_command(stopped)).code, 0);
  const size_t told = count_in_log("m", kPoint);
  const auto path = nlohmann::json::parse(read("m/path.json"));
  ASSERT_LT(told, path.at("points").size());
  run_well("report --model m --html named.html --log m");
  run_well("report --model m --html own.html");
  EXPECT_EQ(read("own.html"), read("named.html"));
  EXPECT_NE(read("own.html").find("id=\"training\""), std::string::npos);
}

/// Its epochs are counted from those before, so that what a kill left behind a checkpoint is known.
TEST_F(StoppedLog, ALogThatWasLostTellsNoEpochTwice) {
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
TEST_F(StoppedLog, WhatHappensAgainIsToldOnce) {
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

TEST_F(StoppedLog, ALogHasWhatTheOtherLost) {
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

}  // namespace
}  // namespace ockham
