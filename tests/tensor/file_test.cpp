#include "ockham/tensor/file.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

template <typename Work>
std::string message_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no Error";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

using Names = std::vector<std::string>;

/// An empty folder that lives as long as its test.
class File : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "ockham-file-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      found.push_back(entry.path().filename().string());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  fs::path folder_;
};

TEST_F(File, ReadsBackWhatWasWritten) {
  std::string bytes;
  for (int i = 0; i < 300000; ++i) bytes += static_cast<char>(i * 31 + i / 251);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{65535}, size_t{65536}, size_t{65537},
                            size_t{131072}, bytes.size()}) {
    const std::string part = bytes.substr(0, size);
    write_file_atomically(folder_ / "a", part);
    EXPECT_EQ(read_file(folder_ / "a"), part) << size;
  }
  EXPECT_EQ(names(), Names{"a"});
}

TEST_F(File, ManySmallWritesAreOneFile) {
  AtomicFile file(folder_ / "a");
  std::string expected;
  for (int i = 0; i < 20000; ++i) {
    const std::string part = std::to_string(i) + "\n";
    file.write(part);
    expected += part;
  }
  file.commit();
  EXPECT_EQ(read_file(folder_ / "a"), expected);
}

TEST_F(File, ReadingNamesWhatIsWrong) {
  const std::string missing = message_of([&] { read_file(folder_ / "missing"); });
  EXPECT_TRUE(contains(missing, (folder_ / "missing").string())) << missing;
  EXPECT_TRUE(contains(missing, "No such file")) << missing;

  const std::string is_folder = message_of([&] { read_file(folder_); });
  EXPECT_TRUE(contains(is_folder, folder_.string() + " is a folder")) << is_folder;

  write_file_atomically(folder_ / "long", "12345");
  EXPECT_EQ(read_file(folder_ / "long", 5), "12345");
  const std::string too_long = message_of([&] { read_file(folder_ / "long", 4); });
  EXPECT_TRUE(contains(too_long, "longer than the 4 bytes")) << too_long;

  const std::string endless = message_of([] { read_file("/dev/zero", 1000); });
  EXPECT_TRUE(contains(endless, "/dev/zero is longer than the 1000 bytes")) << endless;
}

TEST_F(File, ReadsPipesToTheirEnd) {
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string bytes(200000, 'x');
  std::thread writer([&] { std::ofstream(pipe) << bytes; });
  const std::string got = read_file(pipe);
  writer.join();
  EXPECT_EQ(got, bytes);
}

TEST_F(File, AnOldFileStaysUntilCommit) {
  const fs::path path = folder_ / "a";
  write_file_atomically(path, "old");
  {
    AtomicFile file(path);
    file.write(std::string(100000, 'n'));
    EXPECT_EQ(read_file(path), "old");
    EXPECT_EQ(names().size(), 2u);
  }
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(names(), Names{"a"});
}

TEST_F(File, TwoWritersOfOneFileDoNotMix) {
  AtomicFile first(folder_ / "a");
  AtomicFile second(folder_ / "a");
  first.write("first");
  second.write("second");
  second.commit();
  first.commit();
  EXPECT_EQ(read_file(folder_ / "a"), "first");
  EXPECT_EQ(names(), Names{"a"});
}

/// A process that has ended.
pid_t ended_process() {
  const pid_t process = fork();
  if (process == 0) _exit(0);
  waitpid(process, nullptr, 0);
  return process;
}

TEST_F(File, RemovesWhatKilledProcessesLeft) {
  const std::string gone = std::to_string(ended_process()), own = std::to_string(getpid());
  const auto put = [&](const std::string& name, int hours) {
    std::ofstream(folder_ / name) << "part";
    fs::last_write_time(folder_ / name,
                        fs::file_time_type::clock::now() - std::chrono::hours(hours));
  };
  Names kept{"a", "a.partial-" + own + "-7", "a.partial-" + gone + "-8"};
  put("a.partial-" + gone, 2);
  put("a.partial-" + gone + "-12", 2);
  put("a.partial-" + own + "-7", 2);   // its process lives
  put("a.partial-" + gone + "-8", 0);  // may be of a process on another machine
  for (const std::string& name :
       Names{"b.partial-" + gone, "a.partial-", "a.partial-0" + gone, "a.partial-" + gone + "x",
             "a.partial-" + gone + "-", "a.partial-" + gone + "-1000", "a.partial--" + gone,
             "a.partial-99999999999", "xa.partial-" + gone, "a-partial-" + gone}) {
    put(name, 2);
    kept.push_back(name);
  }
  const std::string linked = "a.partial-" + gone + "-1", folder = "a.partial-" + gone + "-2";
  fs::create_symlink("b.partial-" + gone, folder_ / linked);
  fs::create_directory(folder_ / folder);
  kept.insert(kept.end(), {linked, folder});
  write_file_atomically(folder_ / "a", "whole");
  std::sort(kept.begin(), kept.end());
  EXPECT_EQ(names(), kept);
}

TEST_F(File, RemovesFoldersThatKilledProcessesLeft) {
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
  Names kept{"m.partial-" + gone + "-1", "m.partial-" + gone + "-2", "m.partial-" + gone + "-3",
             "m.partial-" + own + "-7"};
  std::sort(kept.begin(), kept.end());
  EXPECT_EQ(names(), kept);
}

TEST_F(File, KeepsLinksAndPermissions) {
  write_file_atomically(folder_ / "real", "old");
  fs::permissions(folder_ / "real", fs::perms{0640});
  fs::create_symlink("real", folder_ / "link");
  write_file_atomically(folder_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_file(folder_ / "real"), "new");
  EXPECT_EQ(fs::status(folder_ / "real").permissions(), fs::perms{0640});
}

TEST_F(File, AFullDiskIsAnError) {
  const std::string message = message_of([] { write_file_atomically("/dev/full", "x"); });
  EXPECT_EQ(
      message,
      "cannot write /dev/full: No space left on device; free some space or choose another place");
  EXPECT_TRUE(fs::is_character_file("/dev/full")) << "a device must not be replaced";
}

TEST_F(File, AFileSizeLimitLeavesTheOldFile) {
  const fs::path path = folder_ / "a";
  write_file_atomically(path, "old");
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit low{100000, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &low), 0);
  const std::string message =
      message_of([&] { write_file_atomically(path, std::string(1000000, 'n')); });
  setrlimit(RLIMIT_FSIZE, &limit);
  signal(SIGXFSZ, handler);
  EXPECT_EQ(message, "cannot write " + path.string() +
                         ": File too large; free some space or choose another place");
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(names(), Names{"a"});
}

TEST_F(File, PlacesThatCannotBeWrittenAreNamed) {
  EXPECT_EQ(message_of([&] { AtomicFile file(folder_ / "no" / "a"); }),
            "cannot write " + (folder_ / "no/a").string() +
                ": No such file or directory; check the path");
  EXPECT_EQ(message_of([&] { AtomicFile file(folder_); }),
            folder_.string() + " is a folder; the name of a file to write was expected");
  const std::string in_proc = message_of([] { AtomicFile file("/proc/ockham"); });
  EXPECT_TRUE(contains(in_proc, "cannot write /proc/ockham: ")) << in_proc;
  if (geteuid() == 0) return;  // for root every folder can be written
  fs::permissions(folder_, fs::perms{0500});
  const std::string locked = message_of([&] { AtomicFile file(folder_ / "a"); });
  fs::permissions(folder_, fs::perms{0700});
  EXPECT_EQ(locked, "cannot write " + (folder_ / "a").string() +
                        ": Permission denied; check the permissions");
}

TEST_F(File, FolderAppearsWhole) {
  const fs::path target = folder_ / "deep" / "model";
  {
    AtomicFolder fresh(target, "config.json");
    EXPECT_EQ(fresh.path().string(), target.string() + ".partial-" + std::to_string(getpid()));
    write_file_atomically(fresh.path() / "config.json", "{}");
    fs::create_directory(fresh.path() / "path");
    write_file_atomically(fresh.path() / "path" / "0", "point");
    EXPECT_FALSE(fs::exists(target));
    fresh.commit();
  }
  EXPECT_EQ(read_file(target / "config.json"), "{}");
  EXPECT_EQ(read_file(target / "path" / "0"), "point");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "deep"), {}), 1);
}

TEST_F(File, FolderReplacesAnOldOneOnlyOnCommit) {
  const fs::path target = folder_ / "model";
  for (const std::string content : {"first", "second"}) {
    AtomicFolder fresh(target.string() + "/", "config.json");
    write_file_atomically(fresh.path() / "config.json", content);
    write_file_atomically(fresh.path() / content, "");
    fresh.commit();
  }
  {
    AtomicFolder abandoned(target, "config.json");
    write_file_atomically(abandoned.path() / "config.json", "third");
  }
  EXPECT_EQ(read_file(target / "config.json"), "second");
  EXPECT_FALSE(fs::exists(target / "first")) << "a file of the old model is left over";
  EXPECT_EQ(names(), Names{"model"});
}

TEST_F(File, FolderOfAnotherKindIsNeverReplaced) {
  const fs::path home = folder_ / "home";
  fs::create_directory(home);
  { AtomicFolder empty_is_fine(home, "config.json"); }
  write_file_atomically(home / "diary", "dear");
  const std::string message = message_of([&] { AtomicFolder fresh(home, "config.json"); });
  EXPECT_TRUE(contains(message, home.string() + " holds files but no config.json")) << message;
  EXPECT_EQ(read_file(home / "diary"), "dear");
  const std::string on_file =
      message_of([&] { AtomicFolder fresh(home / "diary", "config.json"); });
  EXPECT_TRUE(contains(on_file, "is no folder")) << on_file;
  const std::string in_proc = message_of([] { AtomicFolder fresh("/proc/model", "config.json"); });
  EXPECT_TRUE(contains(in_proc, "cannot make folder /proc/model")) << in_proc;
}

TEST_F(File, FolderIsKeptWhenItsPlaceWasTaken) {
  const fs::path target = folder_ / "model";
  fs::path kept;
  {
    AtomicFolder fresh(target, "config.json");
    kept = fresh.path();
    write_file_atomically(kept / "config.json", "new");
    fs::create_directory(target);
    write_file_atomically(target / "diary", "dear");
    const std::string message = message_of([&] { fresh.commit(); });
    EXPECT_TRUE(contains(message, "the new one is kept in " + kept.string())) << message;
  }
  EXPECT_EQ(read_file(kept / "config.json"), "new");
  EXPECT_EQ(read_file(target / "diary"), "dear");
}

}  // namespace
}  // namespace ockham
