#include "apps/sweep/sweep_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/tensor/folder_lock.hpp"
#include "ockham/train/path_io.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

using NewNames = std::map<std::string, std::string>;

class SweepFolderTest : public TemporaryFolder {
 protected:
  void SetUp() override {
    TemporaryFolder::SetUp();
    write_quickly(texts(), "a\tx\n");
    folder_of_sweep_ = {folder_ / "sweep"};
  }

  fs::path texts() const { return folder_ / "texts.tsv"; }

  SweepRun run(const std::string& name, const std::string& ini) const {
    SweepRun run;
    run.name = name;
    run.ini = ini;
    run.inputs = {texts().string()};
    return run;
  }

  /// As a training leaves it that has come to its end; its path says `mark`.
  void finish(const SweepRun& run, const std::string& mark) const {
    fs::create_directories(folder_of_sweep_.model(run));
    write_quickly(folder_of_sweep_.model(run) / kPathFile, mark);
    write_quickly(folder_of_sweep_.settings(run), run.ini + InputContents().of(run));
    write_quickly(folder_of_sweep_.messages(run), "messages of " + mark);
  }

  std::string mark(const SweepRun& run) const {
    const fs::path path = folder_of_sweep_.model(run) / kPathFile;
    return is_there(path) ? read_file(path) : "";
  }

  NewNames rename(const std::vector<SweepRun>& runs) const {
    InputContents contents;
    return folder_of_sweep_.rename_runs(runs, contents);
  }

  bool is_begun(const SweepRun& run) const {
    InputContents contents;
    return folder_of_sweep_.is_begun(run, contents);
  }

  SweepFolder folder_of_sweep_;
};

TEST_F(SweepFolderTest, GivesRunsTheirNewNames) {
  EXPECT_EQ(rename({run("new", "seed = 1\n")}), NewNames{}) << "there is no folder yet";
  finish(run("old", "seed = 1\n"), "first");
  finish(run("kept", "seed = 2\n"), "second");
  const SweepRun now = run("new", "seed = 1\n"), kept = run("kept", "seed = 2\n");
  const SweepRun other = run("other", "seed = 3\n");
  EXPECT_EQ(rename({now, kept, other}), (NewNames{{"old", "new"}}));
  EXPECT_EQ(mark(now), "first");
  EXPECT_EQ(mark(kept), "second");
  EXPECT_TRUE(is_begun(now));
  EXPECT_TRUE(folder_of_sweep_.is_finished(now));
  EXPECT_EQ(read_file(folder_of_sweep_.messages(now)), "messages of first");
  EXPECT_FALSE(is_there(folder_of_sweep_.settings(run("old", ""))));
  EXPECT_FALSE(is_begun(other));
  EXPECT_EQ(rename({now, kept, other}), NewNames{}) << "once";
}

TEST_F(SweepFolderTest, NamesMayChangePlaces) {
  finish(run("a", "seed = 1\n"), "first");
  finish(run("b", "seed = 2\n"), "second");
  const SweepRun a = run("a", "seed = 2\n"), b = run("b", "seed = 1\n");
  EXPECT_EQ(rename({a, b}), (NewNames{{"a", "b"}, {"b", "a"}}));
  EXPECT_EQ(mark(a), "second");
  EXPECT_EQ(mark(b), "first");
  EXPECT_TRUE(is_begun(a) && is_begun(b));
  EXPECT_EQ(rename({a, b}), NewNames{});
  // One moves on, and so does the other.
  const SweepRun c = run("c", "seed = 1\n");
  EXPECT_EQ(rename({run("b", "seed = 2\n"), c}), (NewNames{{"a", "b"}, {"b", "c"}}));
  EXPECT_EQ(mark(c), "first");
  EXPECT_EQ(mark(b), "second");
}

/// A run before the first, and all move on: the new one's name is taken until then.
TEST_F(SweepFolderTest, ANewRunMayHaveANameThatGetsFree) {
  finish(run("a", "seed = 1\n"), "first");
  finish(run("b", "seed = 2\n"), "second");
  const SweepRun a = run("a", "seed = 0\n"), b = run("b", "seed = 1\n"), c = run("c", "seed = 2\n");
  EXPECT_EQ(rename({a, b, c}), (NewNames{{"a", "b"}, {"b", "c"}}));
  EXPECT_EQ(mark(a), "");
  EXPECT_EQ(mark(b), "first");
  EXPECT_EQ(mark(c), "second");
  EXPECT_FALSE(is_begun(a));
}

TEST_F(SweepFolderTest, TellsOfItsMovesBeforeThem) {
  finish(run("a", "seed = 1\n"), "first");
  finish(run("b", "seed = 2\n"), "second");
  const SweepRun b = run("b", "seed = 1\n");
  InputContents contents;
  NewNames told;
  folder_of_sweep_.rename_runs({b}, contents, [&](const NewNames& names) {
    told = names;
    EXPECT_EQ(mark(run("a", "")), "first") << "still";
  });
  EXPECT_EQ(told, (NewNames{{"a", "b"}}));
  EXPECT_EQ(mark(b), "first");
}

TEST_F(SweepFolderTest, WhatIsInTheWayIsSetAside) {
  finish(run("a", "seed = 1\n"), "first");
  finish(run("b", "seed = 2\n"), "second");
  const SweepRun a = run("a", "seed = 2\n");
  EXPECT_EQ(rename({a}), (NewNames{{"a", "a~"}, {"b", "a"}}));
  EXPECT_EQ(mark(a), "second");
  EXPECT_EQ(mark(run("a~", "")), "first");
  // It is not lost.
  const SweepRun again = run("again", "seed = 1\n");
  EXPECT_EQ(rename({a, again}), (NewNames{{"a~", "again"}}));
}

TEST_F(SweepFolderTest, IsRefusedBeforeAnythingIsRenamed) {
  finish(run("a", "seed = 1\n"), "first");
  finish(run("b", "seed = 2\n"), "second");
  const SweepRun moved = run("c", "seed = 2\n");
  EXPECT_THROW(rename({run("a", "seed = 3\n"), moved}), Error) << "a has other settings";
  EXPECT_EQ(mark(run("b", "")), "second");
  write_quickly(texts(), "a\tother\n");
  EXPECT_THROW(rename({moved}), Error) << "b is of other texts";
  fs::remove(texts());
  EXPECT_THROW(rename({moved}), Error) << "its texts are gone";
  EXPECT_EQ(mark(run("b", "")), "second");
  EXPECT_FALSE(is_there(folder_of_sweep_.model(moved)));
}

/// A training that was killed at its start has left a folder with nothing in it.
TEST_F(SweepFolderTest, AFolderWithoutATrainingIsLeftAlone) {
  finish(run("a", "seed = 1\n"), "first");
  const SweepRun b = run("b", "seed = 1\n");
  fs::create_directories(folder_of_sweep_.model(b));
  EXPECT_EQ(rename({b}), NewNames{});
  EXPECT_EQ(mark(run("a", "")), "first");
}

TEST_F(SweepFolderTest, OfSeveralTheOneOfTheSameTextsIsTaken) {
  const std::string settings = "seed = 1\n";
  finish(run("1", settings), "of older texts");
  write_quickly(texts(), "a\ty\n");
  finish(run("2", settings), "of these texts");
  finish(run("3", settings), "of these texts too");
  write_quickly(texts(), "a\tz\n");
  finish(run("4", settings), "of newer texts");
  write_quickly(texts(), "a\ty\n");
  const SweepRun now = run("now", settings);
  EXPECT_EQ(rename({now}), (NewNames{{"2", "now"}}));
  EXPECT_EQ(mark(now), "of these texts");
  EXPECT_EQ(mark(run("1", "")), "of older texts");
}

/// Wherever a renaming is cut off, the same one goes on.
TEST_F(SweepFolderTest, GoesOnWhereItWasCutOff) {
  const SweepRun old = run("old", "seed = 1\n"), now = run("now", "seed = 1\n");
  finish(old, "first");
  fs::copy(folder_of_sweep_.settings(old), folder_of_sweep_.settings(now));
  EXPECT_EQ(rename({now}), (NewNames{{"old", "now"}}));
  EXPECT_EQ(mark(now), "first");

  fs::copy(folder_of_sweep_.settings(now), folder_of_sweep_.settings(old));
  EXPECT_EQ(rename({now}), NewNames{}) << "the model is there already";
  EXPECT_TRUE(is_begun(now));
}

TEST_F(SweepFolderTest, ATrainingAtWorkIsNotMoved) {
  const SweepRun old = run("old", "seed = 1\n"), now = run("now", "seed = 1\n");
  finish(old, "first");
  EXPECT_EQ(folder_of_sweep_.one_at_work(), std::nullopt);
  FolderLock lock;
  ASSERT_TRUE(lock.take(folder_of_sweep_.model(old)));
  EXPECT_EQ(folder_of_sweep_.one_at_work(), "old");
  EXPECT_THROW(rename({now}), Error);
  EXPECT_EQ(mark(old), "first");
  EXPECT_FALSE(is_there(folder_of_sweep_.settings(now)));
}

}  // namespace
}  // namespace ockham
