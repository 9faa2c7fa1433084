#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/cli/sweep_case.hpp"

// Many trainings, and the best models of every size.

namespace ockham {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

TEST_F(Sweep, TakesAllCombinationsOfEachSection) {
  plan("seed = 1 | 2\n[sparse]\nkl-scale = 0.1:10 | 0.2:15\n[small]\nhidden = 3\nseed = 7\n");
  write("test.tsv", make_corpus(200, 5));
  const Outcome outcome = sweep("--threads 2 --data test.tsv");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("5 runs, 2 at a time"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("the same texts"), std::string::npos) << outcome.err;
  std::map<std::string, size_t> points;
  for (const json& row : results()) ++points[row["run"]];
  EXPECT_EQ(points.size(), 5u);
  for (const char* run :
       {"sparse,seed=1,kl-scale=0.1:10", "sparse,seed=2,kl-scale=0.2:15", "small"}) {
    EXPECT_TRUE(points.contains(run)) << run;
  }
  // As train makes them on its own.
  run_well("train --train train.tsv --model alone --hidden 3 --seed 7" + kQuick);
  EXPECT_EQ(read("s/runs/small/model.safetensors"), read("alone/model.safetensors"));
  EXPECT_EQ(lines_of(read("s/results.csv")).size(), results().size() + 1);
  EXPECT_NE(read("s/pareto.html").find("<svg"), std::string::npos);
}

/// A model is on the front exactly where no other is as small and better, or smaller and as good.
TEST_F(Sweep, TheFrontHoldsWhatNoneIsBetterThan) {
  plan("seed = 1 | 2 | 3\n");
  write("test.tsv", make_corpus(200, 5));
  const Outcome outcome = sweep("--data test.tsv");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::vector<json> rows = results();
  size_t on_front = 0;
  for (const json& a : rows) {
    const double score = a["accuracy"];
    const size_t bytes = a["bytes"];
    bool beaten = false;
    for (const json& b : rows) {
      beaten |= b["bytes"] <= bytes && b["accuracy"] >= score &&
                (b["bytes"] < bytes || b["accuracy"] > score);
    }
    // Of equals the first one stands for all.
    EXPECT_FALSE(beaten && a["on_front"].get<bool>()) << a;
    if (!beaten && !a["on_front"].get<bool>()) {
      EXPECT_TRUE(std::ranges::any_of(rows, [&](const json& b) {
        return b["on_front"].get<bool>() && b["bytes"] == bytes && b["accuracy"] == score;
      })) << a;
    }
    on_front += a["on_front"].get<bool>() ? 1 : 0;
    EXPECT_EQ(a.contains("tested"), a["on_front"].get<bool>());
    if (a.contains("tested")) {
      char point[8];
      std::snprintf(point, sizeof point, "/%02d", a["point"].get<int>());
      const std::string model = "s/runs/" + a["run"].get<std::string>() + "/path" + point;
      EXPECT_DOUBLE_EQ(a["tested"], evaluate(model, "test.tsv")["accuracy"]);
    }
  }
  EXPECT_EQ(lines_of(outcome.out).size(), on_front + 1);
  EXPECT_EQ(run_well("sweep --pareto --output s").out, outcome.out);
}

TEST_F(Sweep, GoesOnWithoutDoingAnythingTwice) {
  plan("seed = 1 | 2\n");
  ASSERT_EQ(sweep().code, 0);
  const auto first = written("seed=1");
  plan("seed = 1 | 2 | 3\n");
  const Outcome more = sweep();
  ASSERT_EQ(more.code, 0) << more.err;
  EXPECT_NE(more.err.find("3 runs, 2 finished already"), std::string::npos) << more.err;
  EXPECT_EQ(written("seed=1"), first);
  EXPECT_TRUE(fs::exists(folder_ / "s/runs/seed=3/path.json"));
  // Other settings under the same name are told apart.
  plan("hidden = 5\nseed = 1 | 2\n");
  expect_refusal(sweep(), 1, {"seed=1.ini", "other settings", "--output"});
}

/// Which keys vary, and so the runs' names, is a matter of the plan.
TEST_F(Sweep, KnowsItsRunsByTheirSettings) {
  plan("seed = 2\n");
  write("test.tsv", make_corpus(200, 5));
  ASSERT_EQ(sweep("--data test.tsv").code, 0);
  const std::vector<json> before = results();
  const auto first = written("run");
  plan("seed = 1 | 2\n");
  const Outcome more = sweep();
  ASSERT_EQ(more.code, 0) << more.err;
  EXPECT_NE(more.err.find("run is seed=2 now"), std::string::npos) << more.err;
  EXPECT_NE(more.err.find("2 runs, 1 finished already"), std::string::npos) << more.err;
  EXPECT_EQ(written("seed=2"), first);
  for (const char* file : {"run", "run.ini", "run.txt"}) {
    EXPECT_FALSE(fs::exists(folder_ / "s/runs" / file)) << file;
  }
  std::vector<json> after = results();
  std::erase_if(after, [](const json& row) { return row["run"] != "seed=2"; });
  ASSERT_EQ(after.size(), before.size());
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].value("tested", json()), before[i].value("tested", json()));
  }
  // A name may be another run's now.
  plan("[a]\nseed = 1\n[b]\nseed = 2\n");
  ASSERT_EQ(sweep().code, 0);
  plan("[a]\nseed = 2\n");
  const std::string moved = sweep().err;
  EXPECT_NE(moved.find("b is a now"), std::string::npos) << moved;
  EXPECT_NE(moved.find("a is set aside as a~"), std::string::npos) << moved;
  EXPECT_EQ(written("a"), first);
  // Back again, in a section; texts may not be others.
  plan("[only]\nseed = 2\n");
  EXPECT_NE(sweep().err.find("a is only now"), std::string::npos);
  EXPECT_EQ(written("only"), first);
  write("train.tsv", make_corpus(300, 4));
  plan("[other]\nseed = 2\n");
  expect_refusal(sweep(), 1, {"only.ini: that run read another train.tsv", "--output"});
  EXPECT_EQ(written("only"), first);
}

TEST_F(Sweep, NoticesThatItsTextsChanged) {
  fs::create_directories(folder_ / "texts/good");
  fs::create_directories(folder_ / "texts/bad");
  for (int i = 0; i < 20; ++i) {
    write("texts/good/" + std::to_string(i) + ".txt", "fine day number " + std::to_string(i));
    write("texts/bad/" + std::to_string(i) + ".txt", "awful day number " + std::to_string(i));
  }
  const std::string lines =
      "unlabelled = more.txt\nteachers = 1\n[file]\n[folder]\ntrain = texts\n";
  write("more.txt", "a text\nanother text\n");
  plan(lines);
  ASSERT_EQ(sweep("--threads 2").code, 0);
  const std::string made = read("s/results.jsonl");
  const auto refused = [&](const std::string& run, const std::string& input) {
    expect_refusal(sweep(), 1, {run + ".ini: that run read another " + input + ";", "--output"});
    EXPECT_EQ(read("s/results.jsonl"), made);
  };
  const auto changed = [&](const std::string& file, const std::string& text) {
    const std::string before = read(file);
    write(file, text);
    return before;
  };
  std::string before = changed("train.tsv", make_corpus(300, 2));
  refused("file", "train.tsv");
  write("train.tsv", before);
  before = changed("more.txt", "a text\nanother texT\n");
  refused("file", "more.txt");
  write("more.txt", before);
  before = changed("texts/bad/7.txt", "awful night");
  refused("folder", "texts");
  write("texts/bad/7.txt", before);
  fs::rename(folder_ / "texts/bad/7.txt", folder_ / "texts/bad/70.txt");
  refused("folder", "texts");
  fs::rename(folder_ / "texts/bad/70.txt", folder_ / "texts/bad/7.txt");
  // Written again, but the same.
  const Outcome same = sweep();
  ASSERT_EQ(same.code, 0) << same.err;
  EXPECT_NE(same.err.find("2 runs, 2 finished already"), std::string::npos) << same.err;
  // A run that came to nothing holds nobody up.
  before = changed("train.tsv", "a\tx\n");
  write("sweep.ini", kQuickPlan + "[only]\n");
  EXPECT_EQ(sweep().code, 1);
  write("train.tsv", before);
  EXPECT_EQ(sweep().code, 0);
}

TEST_F(Sweep, ItsRunsAreOfTheSameTexts) {
  // The first one has to last until its texts are others.
  write("sweep.ini", "train = train.tsv\nepochs = 600\npoints = 3\nseed = 1 | 2\n");
  Program program({"ockham", "sweep", "--plan", "sweep.ini", "--output", "s", "--threads", "1"},
                  folder_);
  while (program.running() && !fs::exists(folder_ / "s/runs/seed=1/log.jsonl")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  write("train.tsv", make_corpus(300, 7));
  const Outcome outcome = program.wait();
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("seed=2 failed: train.tsv has changed since the sweep began"),
            std::string::npos)
      << outcome.err;
  EXPECT_FALSE(fs::exists(folder_ / "s/runs/seed=2"));
}

/// A child that ends is forgotten by the system where its end was to be ignored.
TEST_F(Sweep, EndsWhereEndsOfChildrenWereIgnored) {
  plan("seed = 1\n");
  const Outcome outcome =
      shell("env --ignore-signal=CHLD ockham sweep --plan sweep.ini --output s");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

/// It takes little to make the results anew.
TEST_F(Sweep, DamagedLogsAndResultsCostNothingElse) {
  plan("seed = 1\n");
  ASSERT_EQ(sweep().code, 0);
  const size_t rows = results().size();
  write("s/runs/run/log.jsonl", "{}\nnot a line\n{}\n");
  write("s/results.jsonl", "not a line\n");
  const Outcome outcome = sweep();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("log.jsonl"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("results.jsonl:1"), std::string::npos) << outcome.err;
  EXPECT_EQ(results().size(), rows);
}

TEST_F(Sweep, StopsAndGoesOn) {
  write("sweep.ini", "train = train.tsv\nepochs = 600\npoints = 3\nseed = 1 | 2 | 3\n");
  Program program({"ockham", "sweep", "--plan", "sweep.ini", "--output", "s", "--threads", "2"},
                  folder_);
  const auto has_begun = [&](const char* run) {
    const fs::path log = folder_ / "s/runs" / run / "log.jsonl";
    return fs::exists(log) && fs::file_size(log) > 3'000;
  };
  ASSERT_TRUE(wait_until([&] { return has_begun("seed=1") && has_begun("seed=2"); }));
  program.send(SIGINT);
  const Outcome stopped = program.wait();
  EXPECT_EQ(stopped.code, 1);
  EXPECT_NE(stopped.err.find("the same command goes on"), std::string::npos) << stopped.err;
  EXPECT_TRUE(fs::exists(folder_ / "s/runs/seed=1/checkpoint")) << "orderly";
  EXPECT_TRUE(fs::exists(folder_ / "s/runs/seed=2/checkpoint"));
  EXPECT_FALSE(fs::exists(folder_ / "s/runs/seed=3"));
  const Outcome rest = sweep("--threads 2");
  ASSERT_EQ(rest.code, 0) << rest.err;
  run_well("train --train train.tsv --model alone --epochs 600 --points 3 --seed 2 --quiet");
  EXPECT_EQ(read("s/runs/seed=2/model.safetensors"), read("alone/model.safetensors"));
}

TEST_F(Sweep, GoesOnWhereATeacherWasTrained) {
  plan("teachers = 3\n");
  Program program({"ockham", "sweep", "--plan", "sweep.ini", "--output", "s"}, folder_);
  const fs::path first = folder_ / "s/runs/run/teachers/0";
  while (program.running() && !fs::exists(first)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  program.send(SIGINT);
  const Outcome stopped = program.wait();
  EXPECT_NE(stopped.err.find("the same command goes on"), std::string::npos) << stopped.err;
  const Outcome rest = sweep();
  ASSERT_EQ(rest.code, 0) << rest.err;
}

TEST_F(Sweep, TrainingsEndWithAKilledSweep) {
  write("sweep.ini", "train = train.tsv\nepochs = 600\npoints = 3\n");
  Program program({"ockham", "sweep", "--plan", "sweep.ini", "--output", "s"}, folder_);
  const fs::path log = folder_ / "s/runs/run/log.jsonl";
  ASSERT_TRUE(wait_until([&] { return fs::exists(log) && fs::file_size(log) > 3'000; }));
  program.send(SIGKILL);
  program.wait();
  // The next one waits for it, and goes on.
  const Outcome next = sweep();
  EXPECT_EQ(next.code, 0) << next.err;
  EXPECT_EQ(next.err.find("finished already"), std::string::npos) << "it ended with its sweep";
  EXPECT_TRUE(fs::exists(folder_ / "s/runs/run/path.json"));
}

TEST_F(Sweep, KeepsWhatWasMeasuredOnTestTexts) {
  plan("seed = 1 | 2\n");
  write("test.tsv", make_corpus(200, 5));
  ASSERT_EQ(sweep("--data test.tsv").code, 0);
  const std::vector<json> before = results();
  plan("seed = 1 | 2 | 3\n");
  ASSERT_EQ(sweep().code, 0);
  const std::vector<json> after = results();
  ASSERT_GT(after.size(), before.size());
  size_t kept = 0;
  for (size_t i = 0; i < after.size(); ++i) {  // run by run
    const json tested = after[i].value("tested", json());
    EXPECT_EQ(tested, i < before.size() ? before[i].value("tested", json()) : json());
    kept += tested.is_number();
  }
  EXPECT_GT(kept, 0u);
  write("empty.tsv", "");
  expect_refusal(sweep("--quiet --data empty.tsv"), 1, {"empty.tsv", "empty"});
  EXPECT_EQ(results(), after);
  // A model that was trained anew is another one.
  std::string other = read("s/results.jsonl");
  for (size_t at = other.find("\"weights\":"); at != std::string::npos;
       at = other.find("\"weights\":", at + 1)) {
    other.insert(at + std::string("\"weights\":").size(), "9");
  }
  write("s/results.jsonl", other);
  ASSERT_EQ(sweep().code, 0);
  for (const json& row : results()) EXPECT_FALSE(row.contains("tested")) << row;
}

TEST_F(Sweep, IsNoModelsFolder) {
  plan("seed = 1\n");
  run_well("train --train train.tsv --model m" + kQuick);
  expect_refusal(run("sweep --plan sweep.ini --output m"), 1, {"m: ", "--output"});
}

TEST_F(Sweep, RunsThatFailDoNotStopTheOthers) {
  write("few.tsv", "a\tx\n");
  write("sweep.ini", kQuickPlan + "[good]\n[bad]\ntrain = few.tsv\n");
  const Outcome outcome = sweep();
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("bad failed: "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("1 run of 2 failed"), std::string::npos) << outcome.err;
  EXPECT_FALSE(results().empty()) << "of the good one";
  EXPECT_NE(outcome.err.find("not all measured on the same texts"), std::string::npos);
}

TEST_F(Sweep, AnUnmetWishIsToldEveryTime) {
  plan("max-bytes = 5 | 100000\n");
  for (int round = 0; round < 2; ++round) {
    const Outcome outcome = sweep();
    EXPECT_EQ(outcome.code, 1);
    EXPECT_NE(outcome.err.find("1 run of 2 failed"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("fits in 5 bytes"), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace ockham
