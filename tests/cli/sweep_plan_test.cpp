#include <filesystem>

#include "tests/cli/sweep_case.hpp"

// What of a sweep's plan and test texts is told before anything is trained.

namespace ockham {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using SweepPlanTest = Sweep;

TEST_F(SweepPlanTest, MissingTestTextsAreToldBeforeAnythingIsTrained) {
  plan("seed = 1\n");
  expect_refusal(sweep("--data none.tsv"), 1, {"none.tsv"});
  write("three.tsv", make_corpus(200, 5) + "so-so\tfair enough\n");
  expect_refusal(sweep("--data three.tsv"), 1, {"three.tsv:201: ", "so-so", "the run run"});
  EXPECT_FALSE(fs::exists(folder_ / "s"));
  // A run may know more labels than another.
  write("more.tsv", make_corpus(200, 5) + "so-so\tfair enough\nso-so\tquite fair\n");
  plan("[three]\ntrain = more.tsv\n[two]\ntrain = train.tsv\n");
  expect_refusal(sweep("--data three.tsv"), 1, {"so-so", "the run two"});
  EXPECT_FALSE(fs::exists(folder_ / "s"));
}

/// Whether texts have several labels follows from the model that a run goes on from.
TEST_F(SweepPlanTest, GoesOnFromAModelOfSeveralLabels) {
  std::string texts;
  for (int i = 0; i < 60; ++i) texts += "a\tred day\nb\tblue day\na,b\tred blue day\n";
  write("base.tsv", texts);
  run_well("train --train base.tsv --model base --multi-label" + kQuick);
  write("train.tsv", texts + "c,a\tgreen red day\nc,b\tgreen blue day\n");
  plan("init = base\nseed = 1 | 2\n");
  write("test.tsv", "\tgrey\nc,a\tred green\nb\tblue\n");
  const Outcome outcome = sweep("--data test.tsv");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  for (const json& row : results()) EXPECT_EQ(row["criterion"], "micro-f1");
  write("test.tsv", "d,a\tred green\n");
  expect_refusal(sweep("--data test.tsv"), 1, {"test.tsv:1: ", "\"d\"", "the run seed=1"});
  // A model that is compared by something else has no place beside them.
  plan("[on]\ninit = base\n[anew]\n");
  expect_refusal(sweep(), 1, {"on", "compared by micro-f1", "anew by accuracy"});
  plan("init = base\nmulti-label = false\n");
  expect_refusal(sweep(), 1, {"the run run: --multi-label", "base"});
  plan("init = none\n");
  expect_refusal(sweep(), 1, {"none: no such model", "--init"});
}

TEST_F(SweepPlanTest, RefusesWrongPlans) {
  const auto refused = [&](const std::string& lines, const std::vector<std::string>& parts) {
    SCOPED_TRACE(lines);
    write("sweep.ini", lines);
    expect_refusal(sweep(), 1, parts);
    EXPECT_FALSE(fs::exists(folder_ / "s"));
  };
  refused("train = t\nsede = 1\n", {"sweep.ini:2: ", "sede", "did you mean seed?"});
  refused("train = t\nhidden = 4 | x\n", {"sweep.ini:2: ", "hidden = x", "expected"});
  refused("train = t\nmodel = m\n", {"sweep.ini:2: ", "model"});
  refused("train = t\nseed = 1 | 1\n", {"sweep.ini:2: ", "twice"});
  refused("train = t\nseed = 1\nseed = 2\n", {"sweep.ini:3: ", "seed", "|"});
  refused("train = t\n[a]\n[a]\n", {"sweep.ini:3: ", "[a]", "twice"});
  refused("train = t\n[a]\n[b]\n", {"sweep.ini", "a", "b", "the same"});
  refused("train = -\n", {"sweep.ini:1: ", "several times", "file"});
  refused("train = t\n[a]\nseed = 1 | 2\n[a,seed=1]\nhidden = 3\n", {"a,seed=1", "another's"});
  refused("train = t\n[x]\n[x.ini]\nhidden = 3\n", {"x.ini", "another's"});
  refused("train = t\n[a\n", {"sweep.ini:2: "});
  refused("train = t\nseed\n", {"sweep.ini:2: ", "key = value"});
  refused("train = t\nclass-weights = none | balanced\n",
          {"class-weights=none", "accuracy", "class-weights=balanced", "macro-f1", "criterion ="});
  std::string many = "train = t\nseed = 1";
  for (int i = 2; i <= 101; ++i) many += " | " + std::to_string(i);
  refused(many + "\nhidden = 1" + many.substr(many.find(" |")) + "\n", {"sweep.ini:3: ", "10000"});
  write("sweep.ini", "seed = 1\n");
  expect_refusal(sweep(), 1, {"train = FILE"});
  expect_refusal(run("sweep --output s"), 2, {"--plan", "--pareto"});
  expect_refusal(sweep("--threads 2 --threads-each 8"), 2, {"--threads-each 8", "--threads 2"});
  expect_refusal(run("sweep --output s --pareto"), 1, {"results.jsonl", "--pareto"});
  expect_refusal(run("sweep --output s --pareto --quiet"), 2, {"--pareto", "--quiet"});
  expect_refusal(sweep("--label-column stars"), 2,
                 {"--label-column stars", "--data", "the plan's"});
  expect_refusal(run("sweep --plan none.ini --output s"), 1, {"none.ini"});
}

}  // namespace
}  // namespace ockham
