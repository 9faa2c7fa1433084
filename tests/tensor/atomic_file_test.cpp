#include "ockham/tensor/atomic_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>

#include "ockham/tensor/file.hpp"
#include "tests/support/file_test.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

using AtomicFiles = FileTest;

TEST_F(AtomicFiles, ReadsBackWhatWasWritten) {
  std::string bytes;
  for (int i = 0; i < 300000; ++i) bytes += static_cast<char>(i * 31 + i / 251);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{65535}, size_t{65536}, size_t{65537},
                            size_t{131072}, bytes.size()}) {
    const std::string part = bytes.substr(0, size);
    write_file_atomically(folder_ / "a", part);
    EXPECT_EQ(read_file(folder_ / "a"), part) << size;
  }
  EXPECT_EQ(names(), FileNames{"a"});
}

TEST_F(AtomicFiles, ManySmallWritesAreOneFile) {
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

TEST_F(AtomicFiles, AnOldFileStaysUntilCommit) {
  const fs::path path = folder_ / "a";
  write_file_atomically(path, "old");
  {
    AtomicFile file(path);
    file.write(std::string(100000, 'n'));
    EXPECT_EQ(read_file(path), "old");
    EXPECT_EQ(names().size(), 2u);
  }
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(names(), FileNames{"a"});
}

TEST_F(AtomicFiles, TwoWritersOfOneFileDoNotMix) {
  AtomicFile first(folder_ / "a");
  AtomicFile second(folder_ / "a");
  first.write("first");
  second.write("second");
  second.commit();
  first.commit();
  EXPECT_EQ(read_file(folder_ / "a"), "first");
  EXPECT_EQ(names(), FileNames{"a"});
}

TEST_F(AtomicFiles, RemovesWhatKilledProcessesLeft) {
  const std::string gone = std::to_string(ended_process()), own = std::to_string(getpid());
  const auto put = [&](const std::string& name, int hours) {
    std::ofstream(folder_ / name) << "part";
    fs::last_write_time(folder_ / name,
                        fs::file_time_type::clock::now() - std::chrono::hours(hours));
  };
  FileNames kept{"a", "a.partial-" + own + "-7", "a.partial-" + gone + "-8"};
  put("a.partial-" + gone, 2);
  put("a.partial-" + gone + "-12", 2);
  put("a.partial-" + own + "-7", 2);   // its process lives
  put("a.partial-" + gone + "-8", 0);  // may be of a process on another machine
  for (const std::string& name :
       FileNames{"b.partial-" + gone, "a.partial-", "a.partial-0" + gone, "a.partial-" + gone + "x",
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

TEST_F(AtomicFiles, KeepsLinksAndPermissions) {
  write_file_atomically(folder_ / "real", "old");
  fs::permissions(folder_ / "real", fs::perms{0640});
  fs::create_symlink("real", folder_ / "link");
  write_file_atomically(folder_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_file(folder_ / "real"), "new");
  EXPECT_EQ(fs::status(folder_ / "real").permissions(), fs::perms{0640});
}

TEST_F(AtomicFiles, MakesWhatALinkPointsTo) {
  fs::create_directory(folder_ / "deep");
  fs::create_symlink("deep/second", folder_ / "first");
  fs::create_symlink("real", folder_ / "deep" / "second");
  write_file_atomically(folder_ / "first", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "first"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "deep" / "second"));
  EXPECT_EQ(read_file(folder_ / "deep" / "real"), "new");

  fs::create_symlink("circle", folder_ / "circle");
  const std::string message = file_error_of([&] { AtomicFile file(folder_ / "circle"); });
  EXPECT_TRUE(contains(message, "cannot write " + (folder_ / "circle").string())) << message;
}

/// Standard output goes to the end of the file as long as this lives.
class OutputTo {
 public:
  OutputTo(const fs::path& file, int flags) : real_(::dup(STDOUT_FILENO)) {
    const int other = ::open(file.c_str(), O_WRONLY | flags);
    ::lseek(other, 0, SEEK_END);
    opened_ = other >= 0 && ::dup2(other, STDOUT_FILENO) >= 0;
    ::close(other);
  }
  ~OutputTo() {
    ::dup2(real_, STDOUT_FILENO);
    ::close(real_);
  }
  bool opened() const { return opened_; }

 private:
  int real_;
  bool opened_ = false;
};

TEST_F(AtomicFiles, WhatStandardOutputGoesToKeepsWhatItHas) {
  for (const int flags : {0, O_APPEND}) {
    write_quickly(folder_ / "a", "precious ");
    {
      const OutputTo output(folder_ / "a", flags);
      ASSERT_TRUE(output.opened());
      write_file_atomically("/dev/stdout", "first ");
      ASSERT_EQ(::write(STDOUT_FILENO, "second", 6), 6);
    }
    EXPECT_EQ(read_file(folder_ / "a"), "precious first second");
    EXPECT_EQ(names(), FileNames{"a"});
  }
}

TEST_F(AtomicFiles, StandardOutputsFileIsReplacedByItsOwnName) {
  write_quickly(folder_ / "a", "old");
  {
    const OutputTo output(folder_ / "a", O_APPEND);
    ASSERT_TRUE(output.opened());
    write_file_atomically(folder_ / "a", "whole");
    ASSERT_EQ(::write(STDOUT_FILENO, "lost", 4), 4);
  }
  EXPECT_EQ(read_file(folder_ / "a"), "whole");
}

TEST_F(AtomicFiles, FilesThatBelongTogetherAreWrittenTogether) {
  const fs::path first = folder_ / "first", missing = folder_ / "no" / "second";
  write_files_atomically(std::vector<FileBytes>{{first, "1"}, {folder_ / "second", "2"}});
  EXPECT_EQ(read_file(first) + read_file(folder_ / "second"), "12");
  const std::string message = file_error_of([&] {
    write_files_atomically(std::vector<FileBytes>{{first, "3"}, {missing, "4"}});
  });
  EXPECT_TRUE(contains(message, missing.string())) << message;
  EXPECT_EQ(read_file(first), "1") << "it was replaced without the other";
  EXPECT_EQ(names(), (FileNames{"first", "second"}));
}

TEST_F(AtomicFiles, AFullDiskIsAnError) {
  const std::string message = file_error_of([] { write_file_atomically("/dev/full", "x"); });
  EXPECT_EQ(
      message,
      "cannot write /dev/full: No space left on device; free some space or choose another place");
  EXPECT_TRUE(fs::is_character_file("/dev/full")) << "a device must not be replaced";
}

TEST_F(AtomicFiles, AFileSizeLimitLeavesTheOldFile) {
  const fs::path path = folder_ / "a";
  write_file_atomically(path, "old");
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit low{100000, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &low), 0);
  const std::string message =
      file_error_of([&] { write_file_atomically(path, std::string(1000000, 'n')); });
  setrlimit(RLIMIT_FSIZE, &limit);
  signal(SIGXFSZ, handler);
  EXPECT_EQ(message, "cannot write " + path.string() +
                         ": File too large; free some space or choose another place");
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(names(), FileNames{"a"});
}

TEST_F(AtomicFiles, PlacesThatCannotBeWrittenAreNamed) {
  EXPECT_EQ(file_error_of([&] { AtomicFile file(folder_ / "no" / "a"); }),
            "cannot write " + (folder_ / "no/a").string() +
                ": No such file or directory; check the path");
  EXPECT_EQ(file_error_of([&] { AtomicFile file(folder_); }),
            folder_.string() + " is a folder; the name of a file to write was expected");
  const std::string in_proc = file_error_of([] { AtomicFile file("/proc/ockham"); });
  EXPECT_TRUE(contains(in_proc, "cannot write /proc/ockham: ")) << in_proc;
  if (geteuid() == 0) return;  // for root every folder can be written
  fs::permissions(folder_, fs::perms{0500});
  const std::string locked = file_error_of([&] { AtomicFile file(folder_ / "a"); });
  fs::permissions(folder_, fs::perms{0700});
  EXPECT_EQ(locked, "cannot write " + (folder_ / "a").string() +
                        ": Permission denied; check the permissions");
}

}  // namespace
}  // namespace ockham
