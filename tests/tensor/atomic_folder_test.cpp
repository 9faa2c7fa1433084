#include "ockham/tensor/atomic_folder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

#include "ockham/tensor/file.hpp"
#include "tests/support/file_test.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

using AtomicFolders = FileTest;

TEST_F(AtomicFolders, RemovesFoldersThatKilledProcessesLeft) {
  const std::string gone = std::to_string(ended_process()), own = std::to_string(getpid());
  const auto put = [&](const std::string& name, const std::string& file, int hours) {
    fs::create_directory(folder_ / name);
    std::ofstream(folder_ / name / file) << "part";
    fs::last_write_time(folder_ / name,
                        fs::file_time_type::clock::now() - std::chrono::hours(hours));
  };
  put("m.partial-" + gone, "half", 2);
  put("m.partial-" + gone + "-1", "marker", 2);  // whole: it was kept
  put("m.partial-" + gone + "-2", "half", 0);    // may be of a process on another machine
  put("m.partial-" + own + "-7", "half", 2);     // its process lives
  std::ofstream(folder_ / ("m.partial-" + gone + "-3")) << "a file";
  { AtomicFolder folder(folder_ / "m", "marker"); }
  FileNames kept{"m.partial-" + gone + "-1", "m.partial-" + gone + "-2", "m.partial-" + gone + "-3",
                 "m.partial-" + own + "-7"};
  std::sort(kept.begin(), kept.end());
  EXPECT_EQ(names(), kept);
}

TEST_F(AtomicFolders, FolderAppearsWhole) {
  const fs::path target = folder_ / "deep" / "model";
  {
    AtomicFolder fresh(target, "config.json");
    EXPECT_EQ(fresh.path().string(), target.string() + ".partial-" + std::to_string(getpid()));
    write_quickly(fresh.path() / "config.json", "{}");
    fs::create_directory(fresh.path() / "path");
    write_quickly(fresh.path() / "path" / "0", "point");
    EXPECT_FALSE(fs::exists(target));
    fresh.commit();
  }
  EXPECT_EQ(read_file(target / "config.json"), "{}");
  EXPECT_EQ(read_file(target / "path" / "0"), "point");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "deep"), {}), 1);
}

TEST_F(AtomicFolders, FolderReplacesAnOldOneOnlyOnCommit) {
  const fs::path target = folder_ / "model";
  for (const std::string content : {"first", "second"}) {
    AtomicFolder fresh(target.string() + "/", "config.json");
    write_quickly(fresh.path() / "config.json", content);
    write_quickly(fresh.path() / content, "");
    fresh.commit();
  }
  {
    AtomicFolder abandoned(target, "config.json");
    write_quickly(abandoned.path() / "config.json", "third");
  }
  EXPECT_EQ(read_file(target / "config.json"), "second");
  EXPECT_FALSE(fs::exists(target / "first")) << "a file of the old model is left over";
  EXPECT_EQ(names(), FileNames{"model"});
}

TEST_F(AtomicFolders, MakesWhatALinkPointsTo) {
  fs::create_symlink("real", folder_ / "link");
  AtomicFolder fresh(folder_ / "link/", "config.json");
  write_quickly(fresh.path() / "config.json", "{}");
  fresh.commit();
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_file(folder_ / "real" / "config.json"), "{}");
}

TEST_F(AtomicFolders, FolderOfAnotherKindIsNeverReplaced) {
  const fs::path home = folder_ / "home";
  fs::create_directory(home);
  { AtomicFolder empty_is_fine(home, "config.json"); }
  write_quickly(home / "diary", "dear");
  const std::string message = file_error_of([&] { AtomicFolder fresh(home, "config.json"); });
  EXPECT_TRUE(contains(message, home.string() + " holds files but no config.json")) << message;
  EXPECT_EQ(read_file(home / "diary"), "dear");
  const std::string on_file =
      file_error_of([&] { AtomicFolder fresh(home / "diary", "config.json"); });
  EXPECT_TRUE(contains(on_file, "is no folder")) << on_file;
  const std::string in_proc =
      file_error_of([] { AtomicFolder fresh("/proc/model", "config.json"); });
  EXPECT_TRUE(contains(in_proc, "cannot make folder /proc/model")) << in_proc;
}

TEST_F(AtomicFolders, FolderIsKeptWhenItsPlaceWasTaken) {
  const fs::path target = folder_ / "model";
  fs::path kept;
  {
    AtomicFolder fresh(target, "config.json");
    kept = fresh.path();
    write_quickly(kept / "config.json", "new");
    fs::create_directory(target);
    write_quickly(target / "diary", "dear");
    const std::string message = file_error_of([&] { fresh.commit(); });
    EXPECT_TRUE(contains(message, "the new one is kept in " + kept.string())) << message;
  }
  EXPECT_EQ(read_file(kept / "config.json"), "new");
  EXPECT_EQ(read_file(target / "diary"), "dear");
}

}  // namespace
}  // namespace ockham
