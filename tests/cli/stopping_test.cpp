#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/cli/stopping.hpp"

// A training that is stopped on its way.

namespace ockham {
namespace {

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
  run_well("report --html page.html --model m");
  const std::string page = read("page.html");
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
    EXPECT_EQ(run_well("report --html page.html --model m").err, "");
    EXPECT_EQ(read("page.html"), page) << "its curves are its own";
    if (signal == SIGKILL) continue;
    EXPECT_EQ(shell(resume_command(stopped)).code, 0);
  }
  EXPECT_NE(all_but_log("m"), old);
  EXPECT_FALSE(fs::exists(folder_ / "m/path/log.jsonl"));
  EXPECT_FALSE(fs::exists(folder_ / "m/checkpoint"));
}

// No room for the model, nor for the training as it is by now: what was saved before is still
// there.
TEST_F(Stopping, AFullDiskTakesNoCheckpoint) {
  const std::string wide = " --hidden 64 --epochs 100 --points 2 --dense-steps 20 --quiet";
  Program program(words_of("ockham train --train train.tsv --model m" + wide), folder_);
  expect_refusal(stop(program, "m", kBayesEpoch, SIGINT), 1, {"stopped after epoch"});
  const Files saved = files_in("m/checkpoint");
  const size_t limit = read("m/log.jsonl").size() + 60'000;  // enough for the log
  const std::string again =
      "train --config m/checkpoint.ini --model m --resume --time-budget 1 --quiet";
  expect_refusal(run(again, {.largest_file = limit}), 1,
                 {"cannot write", "kept as it was last saved", "--resume"});
  EXPECT_EQ(files_in("m/checkpoint"), saved);
  run_well(again);
  EXPECT_GT(read("m/model.safetensors").size(), limit);
}

TEST_F(Stopping, ResumeNeedsItsCheckpoint) {
  const std::string resume = "train --train train.tsv --resume --model ";
  expect_refusal(run(resume + "m" + kLonger), 1, {"m: no unfinished training", "--resume"});

  Program program(train_into("m"), folder_);
  ASSERT_EQ(stop(program, "m", kBayesEpoch, SIGINT).code, 1);
  expect_refusal(run(resume + "m --seed 9" + kLonger), 1,
                 {"m: its checkpoint belongs to other", "(seed: 1 there, 9 here)"});
  write("train.tsv", make_corpus(600, 9));
  const Outcome other_texts = run(resume + "m --threads 1" + kLonger);
  expect_refusal(other_texts, 1, {"m: its checkpoint belongs to other"});
  EXPECT_EQ(other_texts.err.find("there"), std::string::npos) << other_texts.err;

  write("train.tsv", make_corpus(600));
  write("m/checkpoint/moments.safetensors", "");
  expect_refusal(run(resume + "m" + kLonger), 1,
                 {"m/checkpoint/moments.safetensors", "remove m/checkpoint to start anew"});
}

TEST_F(Stopping, AMovedTrainingGoesOnWhereItIs) {
  Program program(train_into("m"), folder_);
  ASSERT_EQ(stop(program, "m", kBayesEpoch, SIGINT).code, 1);
  fs::rename(folder_ / "m", folder_ / "moved");
  const Outcome refused = run("report --model moved");
  ASSERT_EQ(shell(resume_command(refused)).code, 0) << refused.err;
  EXPECT_FALSE(fs::exists(folder_ / "m"));
  run_well("report --model moved");
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
