#include <algorithm>

#include "tests/cli/cli_test.hpp"

// What a model may take: bytes, errors, time.

namespace ockham {
namespace {

using nlohmann::json;

class Budgets : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    put_model("m");
    write("test.tsv", make_corpus(200, 2));
  }

  /// The path's points.
  json points() const { return report("m")["path"]["points"]; }

  /// What was refused, without the points that were tried before.
  static Outcome without_tried(Outcome outcome) {
    EXPECT_TRUE(outcome.err.starts_with("tried ")) << outcome.err;
    outcome.err.erase(0, outcome.err.find("ockham: "));
    return outcome;
  }

  /// That a message lists every point with its bytes, and marks the one of the file.
  void expect_tried(std::string message, std::optional<size_t> bytes_of_file) const {
    std::erase(message, ',');
    const std::vector<std::string> lines = lines_of(message);
    size_t listed = 0;
    for (const json& point : points()) {
      const auto line = std::ranges::find_if(lines, [&](const std::string& text) {
        return text.find("  path/0" + std::to_string(listed)) == 0 ||
               text.find("> path/0" + std::to_string(listed)) == 0;
      });
      ASSERT_NE(line, lines.end()) << message;
      const auto bytes = point.at("bytes").get<size_t>();
      EXPECT_NE(line->find(" " + std::to_string(bytes) + " "), std::string::npos) << message;
      if (line->front() == '>') {
        EXPECT_EQ(bytes, bytes_of_file);
      }
      ++listed;
    }
    EXPECT_EQ(std::ranges::count(lines, '>', [](const std::string& l) { return (l + " ")[0]; }),
              bytes_of_file.has_value());
  }
};

TEST_F(Budgets, MaxBytesTakesTheMostAccurateThatFits) {
  size_t smallest = SIZE_MAX;
  const json path = points();
  ASSERT_GT(path.size(), 1u);
  for (const json& limit : path) {
    const auto most = limit.at("bytes").get<size_t>();
    smallest = std::min(smallest, most);
    double best = 0;
    for (const json& point : path) {
      if (point.at("bytes") <= most) best = std::max(best, point.at("accuracy").get<double>());
    }
    const Outcome made =
        run_well("compress --model m --output m.ockham --max-bytes " + std::to_string(most));
    expect_tried(made.err, read("m.ockham").size());
    const size_t bytes = read("m.ockham").size();
    EXPECT_LE(bytes, most);
    EXPECT_TRUE(std::any_of(path.begin(), path.end(), [&](const json& point) {
      return point.at("bytes") == bytes && point.at("accuracy") == best;
    })) << bytes;
  }
  std::filesystem::remove(folder_ / "m.ockham");
  const Outcome refused =
      run("compress --model m --output m.ockham --max-bytes " + std::to_string(smallest - 1));
  expect_refusal(
      without_tried(refused), 1,
      {std::to_string(smallest - 1) + " bytes", "the smallest has", std::to_string(smallest),
       "--weights int4, --vocabulary hashed, a training with --max-bytes"});
  expect_tried(refused.err, {});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "m.ockham"));
  // What comes to half the bytes at best is no remedy for ten times too many.
  expect_refusal(without_tried(run("compress --model m --output m.ockham --max-bytes 20")), 1,
                 {"smaller: a training with --max-bytes 20, --weights int4"});
}

TEST_F(Budgets, MinAccuracyTakesTheSmallestThatReachesIt) {
  const json path = points();
  double best = 0;
  for (const json& wish : path) {
    const auto floor = wish.at("accuracy").get<double>();
    best = std::max(best, floor);
    size_t expected = SIZE_MAX;
    for (const json& point : path) {
      if (point.at("accuracy").get<double>() >= floor) {
        expected = std::min(expected, point.at("bytes").get<size_t>());
      }
    }
    std::ostringstream command;
    command.precision(17);
    command << "compress --model m --output m.ockham --min-accuracy " << floor;
    run_well(command.str());
    EXPECT_EQ(read("m.ockham").size(), expected);
  }
  ASSERT_LT(best, 1.0);
  expect_refusal(without_tried(run("compress --model m --output o --min-accuracy 1")), 1,
                 {"100%", "on validation", "the best has"});
  expect_refusal(
      without_tried(run("compress --model m --output o --min-accuracy 0.5 --max-bytes 2")), 1,
      {"2 bytes", "the smallest has"});
}

TEST_F(Budgets, TrainChoosesByTheSameWishes) {
  write("train.tsv", make_corpus(300));
  const std::string train = "train --train train.tsv --model m" + kQuick;
  const json path = points();
  const auto smallest = path.back().at("bytes").get<size_t>();
  run_well(train + " --max-bytes " + std::to_string(smallest));
  EXPECT_LE(report("m").at("bytes_file").get<size_t>(), smallest);
  run_well(train + " --min-accuracy 0");
  EXPECT_LE(report("m").at("bytes_file").get<size_t>(), smallest);

  const Outcome unmet = run(train + " --max-bytes 5");
  EXPECT_EQ(unmet.code, 1);
  EXPECT_EQ(lines_of(unmet.err).size(), 1u) << unmet.err;
  EXPECT_NE(unmet.err.find("5 bytes"), std::string::npos) << unmet.err;
  EXPECT_NE(unmet.err.find("m holds the nearest"), std::string::npos) << unmet.err;
  EXPECT_EQ(report("m").at("bytes_file").get<size_t>(), points().back().at("bytes"));
  EXPECT_EQ(evaluate("m", "test.tsv").at("count"), 200) << "the training is not thrown away";
  const Outcome out_of_reach = run(train + " --min-accuracy 1 --max-bytes 100000");
  EXPECT_EQ(out_of_reach.code, 1) << "no model is always right here";
  double best = 0;
  for (const json& point : points()) best = std::max(best, point.at("accuracy").get<double>());
  EXPECT_EQ(report("m")["path"]["points"][report("m")["path"]["chosen"].get<size_t>()]["accuracy"],
            best);
}

TEST_F(Budgets, ABudgetHoldsForTheFileHoweverItIsWritten) {
  write("train.tsv", make_corpus(300));
  const std::vector<json> path = points();
  const auto largest = path.front().at("bytes").get<size_t>();
  const auto smallest = path.back().at("bytes").get<size_t>();
  for (const size_t most : {largest, (largest + smallest) / 2, smallest + 20, smallest - 1}) {
    const Outcome trained =
        run("train --train train.tsv --model m" + kQuick + " --max-bytes " + std::to_string(most));
    EXPECT_EQ(trained.code, most < smallest ? 1 : 0) << trained.err;
    for (const std::string how :
         {"", "--weights fp32", "--min-accuracy 0.1", "--weights int4", "--vocabulary hashed:16",
          "--weights auto --fine-tune-epochs 2 --train train.tsv"}) {
      SCOPED_TRACE(std::to_string(most) + " " + how);
      std::filesystem::remove(folder_ / "b.ockham");
      const Outcome made = run("compress --model m --output b.ockham " + how);
      const bool surely_fits =
          how.empty() || how == "--weights int4" || how == "--min-accuracy 0.1";
      if (surely_fits ? most >= smallest : most == largest && how != "--weights fp32") {
        EXPECT_EQ(made.code, 0) << made.err;
      }
      if (made.code == 0) {
        EXPECT_LE(read("b.ockham").size(), most);
        EXPECT_NE(made.err.find("as it was trained for"), std::string::npos) << made.err;
      } else {
        EXPECT_FALSE(std::filesystem::exists(folder_ / "b.ockham"));
        EXPECT_NE(made.err.find("the smallest has"), std::string::npos) << made.err;
      }
    }
    // What is asked for counts.
    EXPECT_EQ(run_well("compress --model m --output b.ockham --max-bytes 1000000")
                  .err.find("as it was trained for"),
              std::string::npos);
  }
}

/// A size between two points of the path gets one of its own.
TEST_F(Budgets, ABudgetHasAPointCloseBelowIt) {
  write("train.tsv", make_corpus(300));
  const auto bytes = [](const json& point) { return point.at("bytes").get<size_t>(); };
  const std::vector<json> path = points();
  const std::string train =
      "train --train train.tsv --model m --points 2 --epochs 40 --kl-scale "
      "0.1:10 --dense-steps 40 --rate 0.01 --quiet";
  run_well(train);
  const std::vector<json> far = points();
  ASSERT_EQ(far.size(), 2u);
  const size_t most = (bytes(far[0]) + 2 * bytes(far[1])) / 3;
  run_well(train + " --max-bytes " + std::to_string(most));
  const std::vector<json> near = points();
  EXPECT_GT(near.size(), far.size());
  size_t closest = 0;
  for (const json& point : near) {
    if (bytes(point) <= most) closest = std::max(closest, bytes(point));
  }
  EXPECT_GT(closest, bytes(far[1]));
}

TEST_F(Budgets, ATimeBudgetLeavesAModel) {
  write("train.tsv", make_corpus(300));
  run_well("train --train train.tsv --model m --quiet --time-budget 0.001s");
  EXPECT_GE(points().size(), 1u);
  EXPECT_EQ(evaluate("m", "test.tsv").at("count"), 200);
  expect_refusal(run("train --train train.tsv --model m --time-budget soon"), 2,
                 {"--time-budget soon", "90s, 5m or 1.5h"});
  expect_refusal(run("train --train train.tsv --model m --time-budget 0"), 2, {"--time-budget 0"});
}

TEST_F(Budgets, TheLogGoesWhereItIsAsked) {
  write("train.tsv", make_corpus(300));
  run_well("train --train train.tsv --model m --log run.jsonl" + kQuick);
  EXPECT_EQ(read("run.jsonl"), read("m/log.jsonl"));
  const std::vector<json> events = events_of(read("run.jsonl"));
  EXPECT_EQ(events.back().at("event"), "end");
  EXPECT_EQ(events.back().at("chosen"), json::parse(read("m/path.json")).at("chosen"));
  const json& last_epoch = events[events.size() - 2];
  EXPECT_EQ(last_epoch.at("event"), "epoch");
  EXPECT_GT(last_epoch.at("weights"), 0);
  expect_refusal(run("train --train train.tsv --model m --log train.tsv"), 1,
                 {"train.tsv", "--log"});
  expect_refusal(run("train --train train.tsv --model m --log m/l"), 1, {"m/l", "--log"});
  expect_refusal(run("train --train none.tsv --model n --log no/l"), 1,
                 {"--log no/l", "folder no;"});
}

}  // namespace
}  // namespace ockham
