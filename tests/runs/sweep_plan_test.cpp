#include "apps/sweep/sweep_plan.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "ockham/text/utf8.hpp"
#include "tests/support/temporary_folder.hpp"

// What is refused is in tests/cli/sweep_test.cpp, with the messages.

namespace ockham {
namespace {

class SweepPlan : public TemporaryFolder {
 protected:
  std::vector<SweepRun> runs(const std::string& plan) const {
    write_quickly(folder_ / "sweep.ini", plan);
    return read_sweep_plan((folder_ / "sweep.ini").string());
  }

  std::vector<std::string> names(const std::string& plan) const {
    std::vector<std::string> names;
    for (const SweepRun& run : runs(plan)) names.push_back(run.name);
    return names;
  }

  static bool has_line(const SweepRun& run, const std::string& line) {
    return ("\n" + run.ini).find("\n" + line + "\n") != std::string::npos;
  }
};

using Names = std::vector<std::string>;

TEST_F(SweepPlan, TakesAllCombinationsTheLastKeyFastest) {
  EXPECT_EQ(names("train = t\nseed = 1 | 2\nhidden = 4 | 8\n"),
            (Names{"seed=1,hidden=4", "seed=1,hidden=8", "seed=2,hidden=4", "seed=2,hidden=8"}));
  EXPECT_EQ(names("train = t\nseed = 3\n"), Names{"run"});
}

TEST_F(SweepPlan, SectionsAddToWhatIsCommonOrReplaceIt) {
  const std::vector<SweepRun> all =
      runs("train = t\nseed = 1 | 2\n[small]\nhidden = 4\n[other]\nseed = 7\n");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].name, "small,seed=1");
  EXPECT_EQ(all[2].name, "other");
  EXPECT_TRUE(has_line(all[1], "seed = 2"));
  EXPECT_TRUE(has_line(all[1], "hidden = 4"));
  EXPECT_TRUE(has_line(all[2], "seed = 7"));
  const std::vector<std::pair<std::string, std::string>> varied{{kSection, "small"}, {"seed", "1"}};
  EXPECT_EQ(all[0].varied, varied);
}

TEST_F(SweepPlan, SaysAllThatTrainNeedsAndNothingOfItsOwn) {
  const SweepRun run = runs("train = \"my texts.tsv\"\nvalid = v.tsv\n").front();
  EXPECT_TRUE(has_line(run, "train = my texts.tsv")) << run.ini;
  for (const char* own : {"model", "threads", "quiet", "resume", "profile", "log"}) {
    EXPECT_EQ(("\n" + run.ini).find("\n" + std::string(own) + " = "), std::string::npos) << own;
  }
  EXPECT_EQ(run.train, "my texts.tsv");
  EXPECT_EQ(run.measured_on, "v.tsv");
  EXPECT_EQ(run.inputs, (std::vector<std::string>{"my texts.tsv", "v.tsv"}));
}

TEST_F(SweepPlan, NamesAreThoseOfFolders) {
  const Names slashes = names("train = data/a.tsv | data/b.tsv\n");
  ASSERT_EQ(slashes.size(), 2u);
  EXPECT_EQ(slashes[0].substr(0, 17), "train=data_a.tsv~");
  EXPECT_EQ(slashes[0].find('/'), std::string::npos);
  // Too long: what is cut off tells them apart.
  const std::string stem(150, 'x');
  const Names cut = names("train = " + stem + "1 | " + stem + "2\n");
  EXPECT_LE(cut[0].size(), 100u);
  EXPECT_NE(cut[0], cut[1]);
  // Characters are not cut in two, and what is not UTF-8 has no place in a name.
  std::string cyrillic;
  for (int i = 0; i < 60; ++i) cyrillic += "ж";
  for (const std::string shift : {"", "x"}) {
    const std::string name = names("train = t\n[" + shift + cyrillic + "]\n").front();
    EXPECT_TRUE(is_utf8(name)) << name;
    EXPECT_LE(name.size(), 100u);
  }
  EXPECT_TRUE(is_utf8(names("train = t\n[a\xff]\n").front()));
  EXPECT_EQ(names("train = t\n[.hidden]\n").front().substr(0, 8), "_hidden~");
}

TEST_F(SweepPlan, MayHoldTenThousandRuns) {
  std::string hundred = "1";
  for (int i = 2; i <= 100; ++i) hundred += " | " + std::to_string(i);
  EXPECT_EQ(runs("train = t\nseed = " + hundred + "\nhidden = " + hundred + "\n").size(), 10'000u);
  EXPECT_THROW(runs("train = t\nseed = " + hundred + "\nhidden = " + hundred + " | 101\n"), Error);
}

}  // namespace
}  // namespace ockham
