#include "apps/sweep/sweep_results.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apps/sweep/sweep_plan.hpp"
#include "ockham/tensor/error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ockham {
namespace {

SweepPoint model(const std::string& run, size_t number, double accuracy, size_t bytes) {
  SweepPoint p;
  p.run = run;
  p.varied = {{"seed", run}};
  p.number = number;
  p.point.accuracy = accuracy;
  p.point.bytes = bytes;
  return p;
}

/// On it is whoever none is better than: as small and more accurate, or smaller and as accurate. Of
/// equals the first.
TEST(SweepFront, HoldsWhatNoneIsBetterThan) {
  EXPECT_TRUE(rc::check([] {
    SweepResults results;
    const auto count = *rc::gen::inRange<size_t>(0, 15);
    for (size_t i = 0; i < count; ++i) {
      results.points.push_back(
          model("1", i, *rc::gen::inRange(0, 6) / 5.0, *rc::gen::inRange<size_t>(1, 6)));
    }
    mark_front(results);
    for (size_t i = 0; i < count; ++i) {
      const SweepPoint& a = results.points[i];
      bool beaten = false;
      for (size_t j = 0; j < count; ++j) {
        const SweepPoint& b = results.points[j];
        const bool as_good = b.point.bytes <= a.point.bytes && b.point.accuracy >= a.point.accuracy;
        const bool better = b.point.bytes < a.point.bytes || b.point.accuracy > a.point.accuracy;
        beaten |= as_good && (better || j < i);
      }
      RC_ASSERT(a.on_front == !beaten);
    }
    const auto front = front_of(results);
    RC_ASSERT(std::ranges::is_sorted(front, {}, [](const auto* p) { return p->point.bytes; }));
  }));
}

SweepResults some_results() {
  SweepResults results{.criterion = Criterion::macro_f1, .points = {}};
  results.points.push_back(model("1", 0, 0.9, 5'000));
  results.points.back().chosen = true;
  results.points.back().tested = 0.875;
  results.points.push_back(model("1", 1, 0.8, 900));
  results.points.push_back(model("a, \"b\"", 0, 0.85, 900));
  results.points.back().varied = {{kSection, "a, \"b\""}, {"hidden", "4"}};
  results.points.back().seconds = 12.5;
  for (SweepPoint& p : results.points) p.point.macro_f1 = p.point.accuracy;
  mark_front(results);
  return results;
}

using SweepResultsFile = TemporaryFolder;

TEST_F(SweepResultsFile, GivesBackWhatWasWritten) {
  const SweepResults results = some_results();
  const std::filesystem::path file = folder_ / "results.jsonl";
  write_quickly(file, sweep_jsonl(results));
  const SweepResults read = read_sweep_jsonl(file.string());
  EXPECT_EQ(read.criterion, results.criterion);
  ASSERT_EQ(read.points.size(), results.points.size());
  for (size_t i = 0; i < read.points.size(); ++i) {
    const SweepPoint &a = read.points[i], &b = results.points[i];
    EXPECT_EQ(a.run, b.run);
    EXPECT_EQ(a.varied, b.varied);
    EXPECT_EQ(a.number, b.number);
    EXPECT_EQ(a.chosen, b.chosen);
    EXPECT_EQ(a.point, b.point);
    EXPECT_EQ(a.on_front, b.on_front);
    EXPECT_EQ(a.tested, b.tested);
    EXPECT_EQ(a.seconds, b.seconds);
  }
  EXPECT_EQ(sweep_jsonl(read), sweep_jsonl(results));
  write_quickly(file, sweep_jsonl(results) + "{}\n");
  try {
    read_sweep_jsonl(file.string());
    ADD_FAILURE() << "a damaged line was read";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find(file.string() + ":4: "), 0u) << error.what();
  }
}

TEST(SweepCsv, HasAColumnForEveryKeyOfAnyRun) {
  const std::string csv = sweep_csv(some_results());
  EXPECT_EQ(csv,
            "run,seed,section,hidden,point,chosen,on_front,accuracy,macro_f1,micro_f1,nll,ece,"
            "ngrams,units,gates,weights,bytes,seconds,tested\n"
            "1,1,,,0,1,1,0.9,0.9,0,0,0,0,0,0,0,5000,0,0.875\n"
            "1,1,,,1,0,0,0.8,0.8,0,0,0,0,0,0,0,900,0,\n"
            "\"a, \"\"b\"\"\",,\"a, \"\"b\"\"\",4,0,0,1,0.85,0.85,0,0,0,0,0,0,0,900,12.5,\n");
}

TEST(TakeTested, IsOfTheSameModels) {
  SweepResults earlier = some_results();
  const auto tested = [&](const std::string& run, size_t bytes) {
    SweepResults results;
    results.points.push_back(model(run, 0, 0.9, bytes));
    take_tested(earlier, results);
    return results.points.front().tested;
  };
  EXPECT_EQ(tested("1", 5'000), 0.875);
  EXPECT_EQ(tested("1", 5'001), std::nullopt) << "it was trained anew";
  EXPECT_EQ(tested("seed=1", 5'000), std::nullopt);
  rename_runs({{"1", "seed=1"}}, earlier);
  EXPECT_EQ(tested("seed=1", 5'000), 0.875);
  EXPECT_EQ(tested("1", 5'000), std::nullopt);
  // Whose name it gets is forgotten.
  rename_runs({{"seed=1", "a, \"b\""}}, earlier);
  ASSERT_EQ(earlier.points.size(), 2u);
  EXPECT_EQ(tested("a, \"b\"", 5'000), 0.875);
}

}  // namespace
}  // namespace ockham
